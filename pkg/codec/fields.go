package codec

import "google.golang.org/protobuf/encoding/protowire"

// Field numbers of schemas/change/v1/change.proto.
const (
	changeFingerprint protowire.Number = 1
	changeRelation    protowire.Number = 2
	changeOp          protowire.Number = 3
	changeVersion     protowire.Number = 4
	changePosition    protowire.Number = 5
	changePrevious    protowire.Number = 6
	changeCommitTime  protowire.Number = 7
	changeValues      protowire.Number = 8

	positionCommit   protowire.Number = 1
	positionSequence protowire.Number = 2

	relationSchema  protowire.Number = 1
	relationTable   protowire.Number = 2
	relationColumns protowire.Number = 3

	columnName       protowire.Number = 1
	columnType       protowire.Number = 2
	columnSourceType protowire.Number = 3
	columnKey        protowire.Number = 4
	columnPrecision  protowire.Number = 5
	columnScale      protowire.Number = 6
)

// tag is a field's tag when its number is under 16, as all of ours are: one byte.
func tag(n protowire.Number, t protowire.Type) byte { return byte(n<<3) | byte(t) } //nolint:gosec // G115: both are small
