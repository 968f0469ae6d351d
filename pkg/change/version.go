package change

import "fmt"

// LSN is a place in the source's write-ahead log, in bytes since its beginning.
type LSN uint64

// String prints the LSN as PostgreSQL does: "16/B374D848".
func (l LSN) String() string { return fmt.Sprintf("%X/%X", uint64(l>>32), uint64(l&0xffff_ffff)) }

// Version orders the changes of one key: the greatest is the row's latest state.
type Version uint64

const epochShift = 56

// MaxLSN is the greatest LSN that a version has room for: 64 PiB of write-ahead log.
const MaxLSN LSN = 1<<epochShift - 1

// NewVersion puts a row's LSN behind the epoch that the operator raises when the table moves to another cluster,
// whose LSNs may be smaller.
func NewVersion(epoch uint8, row LSN) Version {
	return Version(epoch)<<epochShift | Version(row&MaxLSN)
}

// Epoch is the operator's, LSN the row's.
func (v Version) Epoch() uint8 { return uint8(v >> epochShift) }

// LSN is the version without its epoch.
func (v Version) LSN() LSN { return LSN(v) & MaxLSN }

// Position is a change's place in the source's commit order.
type Position struct {
	// Commit is of the transaction, behind the epoch as in a Version: what another cluster's log has at smaller places
	// still comes later.
	Commit   LSN
	Sequence uint64 // of the change in its transaction, counted from 1
}

// IsZero reports whether there is no position, as in snapshot reads.
func (p Position) IsZero() bool { return p == Position{} }

// Compare gives -1 if p comes before q, 1 if it comes after, and 0 if they are the same.
func (p Position) Compare(q Position) int {
	switch {
	case p.Commit < q.Commit, p.Commit == q.Commit && p.Sequence < q.Sequence:
		return -1
	case p == q:
		return 0
	default:
		return 1
	}
}

// String prints the position as "16/B374D848+3".
func (p Position) String() string { return fmt.Sprintf("%v+%d", p.Commit, p.Sequence) }
