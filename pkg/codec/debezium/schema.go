package debezium

import (
	"encoding/json"
	"strconv"

	"eventsync/pkg/change"
)

// schema is Kafka Connect's description of a value, as its JsonConverter writes it.
type schema struct {
	Type       string            `json:"type"`
	Fields     []*schema         `json:"fields,omitempty"`
	Items      *schema           `json:"items,omitempty"`
	Optional   bool              `json:"optional"`
	Name       string            `json:"name,omitempty"`
	Version    int               `json:"version,omitempty"`
	Doc        string            `json:"doc,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"`
	Default    any               `json:"default,omitempty"`
	Field      string            `json:"field,omitempty"`
}

// schemaHead is what stands before the payload of a message with a schema.
func schemaHead(s *schema) []byte {
	text, _ := json.Marshal(s) // it holds nothing that does not marshal
	return append(append([]byte(`{"schema":`), text...), `,"payload":`...)
}

// prefix is the topic as Debezium would name it, with which the names of schemas begin.
func (p *plan) prefix(o *Options) string {
	return o.Name + "." + p.relation.Schema + "." + p.relation.Table
}

func (p *plan) keySchema(o *Options) *schema {
	s := &schema{Type: "struct", Name: p.prefix(o) + ".Key"}
	for i := range p.key {
		s.Fields = append(s.Fields, p.key[i].schema(&p.relation.Columns[p.key[i].index]))
	}
	return s
}

func (p *plan) valueSchema(o *Options) *schema {
	row := schema{Type: "struct", Optional: true, Name: p.prefix(o) + ".Value"}
	for i := range p.fields {
		row.Fields = append(row.Fields, p.fields[i].schema(&p.relation.Columns[i]))
	}
	before, after := row, row
	before.Field, after.Field = "before", "after"
	return &schema{Type: "struct", Name: p.prefix(o) + ".Envelope", Version: 2, Fields: []*schema{
		&before, &after,
		{Type: "struct", Name: "io.debezium.connector.postgresql.Source", Version: 1, Field: "source", Fields: []*schema{
			required("string", "version"), required("string", "connector"), required("string", "name"), required("int64", "ts_ms"),
			{
				Type: "string", Optional: true, Name: "io.debezium.data.Enum", Version: 1, Default: "false", Field: "snapshot",
				Parameters: map[string]string{"allowed": "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},
			},
			required("string", "db"), optional("string", "sequence"), optional("int64", "ts_us"), optional("int64", "ts_ns"),
			required("string", "schema"), required("string", "table"), optional("int64", "txId"), optional("int64", "lsn"),
			optional("int64", "xmin"), optional("string", "origin"), optional("int64", "origin_lsn"),
		}},
		{Type: "struct", Optional: true, Name: "event.block", Version: 1, Field: "transaction", Fields: []*schema{
			required("string", "id"), required("int64", "total_order"), required("int64", "data_collection_order"),
		}},
		required("string", "op"), optional("int64", "ts_ms"), optional("int64", "ts_us"), optional("int64", "ts_ns"),
	}}
}

func required(kind, field string) *schema { return &schema{Type: kind, Field: field} }
func optional(kind, field string) *schema { return &schema{Type: kind, Field: field, Optional: true} }

// schema describes a column. Every one but a key's may be null: the stream does not say which are not.
func (f *field) schema(c *change.Column) *schema {
	s := f.form.schema(c, f.scale)
	if f.form == formArray {
		s.Items = f.items.schema(&change.Column{SourceType: c.SourceType}, f.scale)
		s.Items.Optional = true
		if _, precision := splitType(c.SourceType); s.Items.Parameters != nil && precision > 0 {
			s.Items.Parameters["connect.decimal.precision"] = strconv.Itoa(precision)
		}
	}
	s.Optional, s.Field = !c.Key, c.Name
	return s
}

// schema describes values of the form.
func (f form) schema(c *change.Column, scale int) *schema {
	switch f {
	case formBool, formBit:
		return &schema{Type: "boolean"}
	case formInteger:
		switch c.Type {
		case change.TypeInt16:
			return &schema{Type: "int16"}
		case change.TypeInt64:
			return &schema{Type: "int64"}
		default:
			return integerElement(c)
		}
	case formFloat32:
		return &schema{Type: "float"}
	case formFloat64:
		return &schema{Type: "double"}
	case formBytes:
		return &schema{Type: "bytes"}
	case formUUID:
		return named("string", "io.debezium.data.Uuid")
	case formDecimal, formMoney:
		s := named("bytes", "org.apache.kafka.connect.data.Decimal")
		s.Parameters = map[string]string{"scale": strconv.Itoa(scale)}
		if c.Precision > 0 {
			s.Parameters["connect.decimal.precision"] = strconv.FormatUint(uint64(c.Precision), 10)
		}
		return s
	case formVariableDecimal:
		s := named("struct", "io.debezium.data.VariableScaleDecimal")
		s.Doc = "Variable scaled decimal"
		s.Fields = []*schema{required("int32", "scale"), required("bytes", "value")}
		return s
	case formDate:
		return named("int32", "io.debezium.time.Date")
	case formMicroTime:
		return named("int64", "io.debezium.time.MicroTime")
	case formTime:
		return named("int32", "io.debezium.time.Time")
	case formZonedTime:
		return named("string", "io.debezium.time.ZonedTime")
	case formMicroTimestamp:
		return named("int64", "io.debezium.time.MicroTimestamp")
	case formTimestamp:
		return named("int64", "io.debezium.time.Timestamp")
	case formZonedTimestamp:
		return named("string", "io.debezium.time.ZonedTimestamp")
	case formInterval:
		return named("int64", "io.debezium.time.MicroDuration")
	case formBits:
		s := named("bytes", "io.debezium.data.Bits")
		s.Parameters = map[string]string{"length": strconv.Itoa(scale)}
		return s
	case formPoint:
		s := named("struct", "io.debezium.data.geometry.Point")
		s.Doc = "Geometry (POINT)"
		s.Fields = []*schema{required("double", "x"), required("double", "y"), optional("bytes", "wkb"), optional("int32", "srid")}
		return s
	case formArray:
		return &schema{Type: "array"}
	default:
		return textSchema(c)
	}
}

func named(kind, name string) *schema { return &schema{Type: kind, Name: name, Version: 1} }

// integerElement tells the integers in arrays apart, of which only the source's name is known.
func integerElement(c *change.Column) *schema {
	switch c.SourceType {
	case "smallint[]":
		return &schema{Type: "int16"}
	case "bigint[]", "oid[]":
		return &schema{Type: "int64"}
	default:
		return &schema{Type: "int32"}
	}
}

func textSchema(c *change.Column) *schema {
	switch {
	case c.Type == change.TypeJSON:
		return named("string", "io.debezium.data.Json")
	case c.SourceType == "xml":
		return named("string", "io.debezium.data.Xml")
	case c.SourceType == "tsvector":
		return named("string", "io.debezium.data.Tsvector")
	default:
		return &schema{Type: "string"}
	}
}
