package codec

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"

	"eventsync/pkg/change"
)

// AppendKey appends the message key of c: a compact JSON object of the replica identity's columns, in the relation's
// order, such as {"id":42}. It appends nothing for a relation without one, and for a truncate. Integers, dates and
// times are numbers in the units of their Type; a UUID is its text; bytes are base64; a decimal is a string, since a
// JSON number would lose digits in many readers.
func AppendKey(b []byte, c *change.Change) []byte {
	if len(c.Values) == 0 || !c.Relation.HasKey() {
		return b
	}
	sep := byte('{')
	for i := range c.Relation.Columns {
		col := &c.Relation.Columns[i]
		if !col.Key {
			continue
		}
		b = append(b, sep)
		b = appendJSONString(b, col.Name)
		b = append(b, ':')
		b = appendJSONValue(b, col.Type, &c.Values[i])
		sep = ','
	}
	return append(b, '}')
}

func appendJSONValue(b []byte, t change.Type, v *change.Value) []byte {
	switch v.Kind {
	case change.Integer:
		return strconv.AppendInt(b, v.Integer(), 10)
	case change.Bool:
		return strconv.AppendBool(b, v.Bool())
	case change.Float:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return strconv.AppendQuote(b, strconv.FormatFloat(f, 'g', -1, 64))
		}
		return strconv.AppendFloat(b, f, 'g', -1, 64)
	case change.Text:
		return appendJSONString(b, string(v.Bytes))
	case change.Bytes:
		if t == change.TypeUUID && len(v.Bytes) == 16 {
			return appendUUID(b, v.Bytes)
		}
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v.Bytes)
		return append(b, '"')
	default:
		return append(b, "null"...)
	}
}

func appendUUID(b, u []byte) []byte {
	b = append(b, '"')
	for i, part := range [][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return append(b, '"')
}

// appendJSONString copies a string that needs no escape, as nearly all do, and leaves the others to the library.
func appendJSONString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			q, err := json.Marshal(s)
			if err != nil { // a string always marshals
				return append(b, `""`...)
			}
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
