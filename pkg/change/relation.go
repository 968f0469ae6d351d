package change

// Type says which kind of Value a column holds and how to read it.
type Type uint8

// The types, with the numbers of the wire format. Each says the Kind of its values and their unit.
const (
	TypeUnknown     Type = 0  // Null alone: no value has been seen that would tell
	TypeBool        Type = 1  // Bool
	TypeInt16       Type = 2  // Integer
	TypeInt32       Type = 3  // Integer
	TypeInt64       Type = 4  // Integer
	TypeFloat32     Type = 5  // Float
	TypeFloat64     Type = 6  // Float
	TypeText        Type = 7  // Text
	TypeBytes       Type = 8  // Bytes
	TypeUUID        Type = 9  // Bytes, 16 of them
	TypeJSON        Type = 10 // Text
	TypeDecimal     Type = 11 // Text: digits with an optional sign and point, or NaN, Infinity, -Infinity
	TypeDate        Type = 12 // Integer: days since 1970-01-01, or an infinity
	TypeTime        Type = 13 // Integer: microseconds since midnight
	TypeTimestamp   Type = 14 // Integer: microseconds since 1970-01-01T00:00:00 without a time zone, or an infinity
	TypeTimestampTZ Type = 15 // Integer: microseconds since 1970-01-01T00:00:00Z, or an infinity
	TypeOther       Type = 16 // Text: the source's own text form
)

// Kind is the kind of the type's values.
func (t Type) Kind() Kind {
	switch t {
	case TypeBool:
		return Bool
	case TypeInt16, TypeInt32, TypeInt64, TypeDate, TypeTime, TypeTimestamp, TypeTimestampTZ:
		return Integer
	case TypeFloat32, TypeFloat64:
		return Float
	case TypeBytes, TypeUUID:
		return Bytes
	default:
		return Text
	}
}

// Inferred is the SourceType of a column of which no schema tells more than its values do.
const Inferred = "inferred from JSON"

// Column is one column of a source table.
type Column struct {
	Name string
	Type Type
	// SourceType is the source's own name of the type: "numeric(12,2)".
	SourceType string
	// Key says that the column belongs to the replica identity.
	Key bool
	// Precision and Scale are those of a TypeDecimal; 0 where the source declares none.
	Precision uint32
	Scale     int32
}

// Relation is a source table's shape. It is immutable once it is in use.
type Relation struct {
	Schema, Table string
	Columns       []Column
}

// Name is the table's qualified name: "public.events".
func (r *Relation) Name() string { return r.Schema + "." + r.Table }

// Column gives the index of the named column, or -1.
func (r *Relation) Column(name string) int {
	for i := range r.Columns {
		if r.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// HasKey reports whether any column belongs to the replica identity.
func (r *Relation) HasKey() bool {
	for i := range r.Columns {
		if r.Columns[i].Key {
			return true
		}
	}
	return false
}
