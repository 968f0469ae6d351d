package lookup

import (
	"strings"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source/pgvalue"
)

// A key is its parts' texts, each with a byte before it that says whether it is NULL, and ended by a zero, which no text
// of PostgreSQL's holds.
const (
	keyEnd   = '\x00'
	keyNull  = 'n'
	keyValue = 'v'
)

// appendPart appends a part of a key, without its end.
func appendPart(b []byte, t change.Type, v *change.Value) []byte {
	if v.Kind == change.Null || v.Kind == change.Unavailable {
		return append(b, keyNull)
	}
	return pgvalue.AppendText(append(b, keyValue), t, v)
}

func (c *column) appendKey(r *change.Relation, values []change.Value, keys []int) {
	c.key = c.key[:0]
	for _, k := range keys {
		c.key = append(appendPart(c.key, r.Columns[k].Type, &values[k]), keyEnd)
	}
}

// arguments writes the missing keys as one array literal per key column.
func (c *column) arguments() []any {
	arrays := make([][]byte, len(c.keys))
	for i := range arrays {
		arrays[i] = append(arrays[i], '{')
	}
	for n, key := range c.missing {
		for i := range arrays {
			text, rest, _ := strings.Cut(key, string(keyEnd))
			key = rest
			if n > 0 {
				arrays[i] = append(arrays[i], ',')
			}
			arrays[i] = appendElement(arrays[i], text)
		}
	}
	args := make([]any, len(arrays))
	for i := range arrays {
		args[i] = string(append(arrays[i], '}'))
	}
	return args
}

var elementEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// appendElement appends an element of an array literal.
func appendElement(b []byte, text string) []byte {
	if text[0] == keyNull {
		return append(b, "NULL"...)
	}
	b = append(b, '"')
	b = append(b, elementEscapes.Replace(text[1:])...)
	return append(b, '"')
}

// family names the types whose equal values have equal texts, so that a value of the one may be looked for among values
// of the other by its text. It is "" where a type's own equal values may differ in text: 1 and 1.0 of a numeric.
func family(c *change.Column) string {
	switch c.Type {
	case change.TypeInt16, change.TypeInt32, change.TypeInt64:
		return "integer"
	case change.TypeBool, change.TypeUUID, change.TypeBytes, change.TypeDate, change.TypeTime, change.TypeTimestamp, change.TypeTimestampTZ:
		return c.SourceType
	case change.TypeText:
		if c.SourceType == "text" || c.SourceType == "name" || strings.HasPrefix(c.SourceType, "character varying") {
			return "text"
		}
	}
	return ""
}
