package debezium

import (
	"strconv"

	"eventsync/pkg/change"
)

// sourceTypes are the source's names of the types that a message tells, which has no more than that.
var sourceTypes = map[change.Type]string{
	change.TypeBool: "boolean", change.TypeInt16: "smallint", change.TypeInt32: "integer", change.TypeInt64: "bigint",
	change.TypeFloat32: "real", change.TypeFloat64: "double precision", change.TypeText: "text", change.TypeBytes: "bytea",
	change.TypeUUID: "uuid", change.TypeJSON: "json", change.TypeDecimal: "numeric", change.TypeDate: "date",
	change.TypeTime: "time without time zone", change.TypeTimestamp: "timestamp without time zone", change.TypeTimestampTZ: "timestamp with time zone",
}

// told is what a schema's name, or its type where it has none that matters, says of a column.
type told struct {
	kind change.Type
	form form
}

var byName = map[string]told{
	"io.debezium.data.Uuid":                   {change.TypeUUID, formUUID},
	"io.debezium.data.Json":                   {change.TypeJSON, formText},
	"io.debezium.data.VariableScaleDecimal":   {change.TypeDecimal, formVariableDecimal},
	"org.apache.kafka.connect.data.Decimal":   {change.TypeDecimal, formDecimal},
	"io.debezium.time.Date":                   {change.TypeDate, formDate},
	"org.apache.kafka.connect.data.Date":      {change.TypeDate, formDate},
	"io.debezium.time.MicroTime":              {change.TypeTime, formMicroTime},
	"io.debezium.time.Time":                   {change.TypeTime, formTime},
	"org.apache.kafka.connect.data.Time":      {change.TypeTime, formTime},
	"io.debezium.time.MicroTimestamp":         {change.TypeTimestamp, formMicroTimestamp},
	"io.debezium.time.Timestamp":              {change.TypeTimestamp, formTimestamp},
	"org.apache.kafka.connect.data.Timestamp": {change.TypeTimestamp, formTimestamp},
	"io.debezium.time.ZonedTimestamp":         {change.TypeTimestampTZ, formZonedTimestamp},
}

var byType = map[string]told{
	"boolean": {change.TypeBool, formBool},
	"int8":    {change.TypeInt16, formInteger}, "int16": {change.TypeInt16, formInteger},
	"int32": {change.TypeInt32, formInteger}, "int64": {change.TypeInt64, formInteger},
	"float": {change.TypeFloat32, formFloat32}, "double": {change.TypeFloat64, formFloat64},
	"bytes": {change.TypeBytes, formBytes}, "string": {change.TypeText, formText},
	"struct": {change.TypeJSON, formRaw}, "array": {change.TypeJSON, formRaw}, "map": {change.TypeJSON, formRaw},
}

// column reads what a schema says of a column.
func (s *schema) column() (change.Column, column) {
	t, ok := byName[s.Name]
	if !ok {
		if t, ok = byType[s.Type]; !ok {
			t = byType["struct"]
		}
	}
	c := change.Column{Name: s.Field, Type: t.kind, SourceType: sourceTypes[t.kind]}
	how := column{form: t.form, typed: true}
	if t.form == formDecimal {
		how.scale, _ = strconv.Atoi(s.Parameters["scale"])
		if precision, err := strconv.ParseUint(s.Parameters["connect.decimal.precision"], 10, 32); err == nil {
			c.Precision, c.Scale = uint32(precision), int32(how.scale) //nolint:gosec // G115: of a numeric, at most 1000
			c.SourceType = "numeric(" + strconv.FormatUint(precision, 10) + "," + strconv.Itoa(how.scale) + ")"
		}
	}
	return c, how
}
