package codec

import (
	"google.golang.org/protobuf/encoding/protowire"

	"eventsync/pkg/change"
)

// Positions are the positions of a message that Decode refuses, so that a newer producer's values do not break the chain
// of those that follow. The message must be one of ours as far as its relation can tell.
func Positions(b []byte) (position, previous change.Position, ok bool) {
	var fingerprint uint64
	var descriptor []byte
	for len(b) > 0 {
		size, err := 0, error(nil)
		switch b[0] {
		case tag(changeFingerprint, protowire.Fixed64Type):
			fingerprint, size = fixed64(b[1:])
		case tag(changeRelation, protowire.BytesType):
			descriptor, size = lengthDelimited(b[1:])
		case tag(changePosition, protowire.BytesType):
			size, err = decodePosition(b[1:], &position)
		case tag(changePrevious, protowire.BytesType):
			size, err = decodePosition(b[1:], &previous)
		default:
			size, err = skip(b)
		}
		if err != nil || size <= 0 {
			return position, previous, false
		}
		b = b[1+size:]
	}
	return position, previous, descriptor != nil && Fingerprint(descriptor) == fingerprint
}
