package pgvalue

import "eventsync/pkg/change"

// Type says how values of one source type are read.
type Type struct {
	code code
	*parts
}

// code is a way to read values.
type code uint8

const (
	codeOther code = iota // kept in its text form
	codeBool
	codeInt2
	codeInt4
	codeInt8
	codeOID
	codeFloat4
	codeFloat8
	codeText
	codeChar
	codeBytes
	codeUUID
	codeJSON
	codeJSONB
	codeNumeric
	codeDate
	codeTime
	codeTimestamp
	codeTimestampTZ

	// Those that are kept in their text form, which is made of the binary one.
	codeArray
	codeRange
	codeMultirange
	codeHstore
	codeInterval
	codeTimeTZ
	codeInet
	codeMACAddr
	codeBit
	codeXML
	codeJSONPath
	codeXID
	codeXID8
	codeTID
	codeTSVector
	codePoint
	codeLine
	codeSegment
	codeBox
	codePath
	codePolygon
	codeCircle
	codes // their number
)

const firstPrinted = codeArray

var changeTypes = [firstPrinted]change.Type{
	codeOther: change.TypeOther,
	codeBool:  change.TypeBool,
	codeInt2:  change.TypeInt16, codeInt4: change.TypeInt32, codeInt8: change.TypeInt64, codeOID: change.TypeInt64,
	codeFloat4: change.TypeFloat32, codeFloat8: change.TypeFloat64,
	codeText: change.TypeText, codeChar: change.TypeText, codeBytes: change.TypeBytes, codeUUID: change.TypeUUID,
	codeJSON: change.TypeJSON, codeJSONB: change.TypeJSON, codeNumeric: change.TypeDecimal,
	codeDate: change.TypeDate, codeTime: change.TypeTime,
	codeTimestamp: change.TypeTimestamp, codeTimestampTZ: change.TypeTimestampTZ,
}

// Other is a type of which only the text form is read, and kept as it is.
func Other() Type { return Type{} }

// Enum is the type of any enum.
func Enum() Type { return Text() }

// Text is the type of anything that is sent as text.
func Text() Type { return Type{code: codeText} }

// Change is the type of the values that are read.
func (t Type) Change() change.Type {
	if t.code >= firstPrinted {
		return change.TypeOther
	}
	return changeTypes[t.code]
}

// Binary reports whether the binary format can be read.
func (t Type) Binary() bool { return t.code != codeOther }

// NumericOID is numeric's, the one type whose modifier matters: it holds the precision and scale.
const NumericOID = 1700

type builtin struct {
	name string
	code code
}

// builtins are the types whose OIDs are fixed, with the names that format_type gives them without a modifier.
var builtins = map[uint32]builtin{
	16:         {"boolean", codeBool},
	17:         {"bytea", codeBytes},
	18:         {`"char"`, codeChar},
	19:         {"name", codeText},
	20:         {"bigint", codeInt8},
	21:         {"smallint", codeInt2},
	23:         {"integer", codeInt4},
	25:         {"text", codeText},
	26:         {"oid", codeOID},
	114:        {"json", codeJSON},
	700:        {"real", codeFloat4},
	701:        {"double precision", codeFloat8},
	1042:       {"bpchar", codeText},
	1043:       {"character varying", codeText},
	1082:       {"date", codeDate},
	1083:       {"time without time zone", codeTime},
	1114:       {"timestamp without time zone", codeTimestamp},
	1184:       {"timestamp with time zone", codeTimestampTZ},
	NumericOID: {"numeric", codeNumeric},
	2950:       {"uuid", codeUUID},
	3802:       {"jsonb", codeJSONB},

	27:   {"tid", codeTID},
	28:   {"xid", codeXID},
	142:  {"xml", codeXML},
	600:  {"point", codePoint},
	601:  {"lseg", codeSegment},
	602:  {"path", codePath},
	603:  {"box", codeBox},
	604:  {"polygon", codePolygon},
	628:  {"line", codeLine},
	650:  {"cidr", codeInet},
	718:  {"circle", codeCircle},
	774:  {"macaddr8", codeMACAddr},
	829:  {"macaddr", codeMACAddr},
	869:  {"inet", codeInet},
	1186: {"interval", codeInterval},
	1266: {"time with time zone", codeTimeTZ},
	1560: {`"bit"`, codeBit},
	1562: {"bit varying", codeBit},
	3614: {"tsvector", codeTSVector},
	4072: {"jsonpath", codeJSONPath},
	5069: {"xid8", codeXID8},
}

// Builtin gives the type with a fixed OID, and its name as format_type prints it without a modifier.
func Builtin(oid uint32) (t Type, name string, ok bool) {
	b, ok := builtins[oid]
	return Type{code: b.code}, b.name, ok
}

// NumericModifier takes numeric's type modifier apart; 0 and 0 for none.
func NumericModifier(modifier int32) (precision uint32, scale int32) {
	const header = 4 // added to every modifier
	if modifier < header {
		return 0, 0
	}
	m := modifier - header
	scale = m & 0x7ff // 11 bits, the last of them the sign
	if scale >= 1<<10 {
		scale -= 1 << 11
	}
	return uint32(m>>16) & 0xffff, scale
}
