package change

// Op says what happened to the row.
type Op uint8

// The operations, with the numbers of the wire format.
const (
	Insert   Op = 1
	Update   Op = 2
	Delete   Op = 3
	Snapshot Op = 4 // a row read by the snapshot
	Truncate Op = 5 // of the whole table: has no values
)

// String gives the operation's name in lower case.
func (o Op) String() string {
	switch o {
	case Insert:
		return "insert"
	case Update:
		return "update"
	case Delete:
		return "delete"
	case Snapshot:
		return "snapshot"
	case Truncate:
		return "truncate"
	default:
		return "unknown operation"
	}
}

// Change is one row's change.
type Change struct {
	Relation *Relation
	Op       Op
	Version  Version
	// Position is the zero Position in snapshot reads, which stand outside the commit order.
	Position Position
	// CommitTime is when the transaction was committed, in microseconds since 1970-01-01T00:00:00Z.
	CommitTime int64
	// Transaction is the source's 32-bit number of the transaction; 0 in snapshot reads.
	Transaction uint32
	// Values holds one value per column of the relation, in its order; none in a truncate.
	Values []Value
	// Before holds the row's values before an update, where the source logs them (REPLICA IDENTITY FULL); else it is nil.
	// A delete has what is known of its row in Values.
	Before []Value
}
