package debezium

import (
	"errors"
	"fmt"

	"eventsync/pkg/change"
)

// errOtherShape says that a row without a schema is not what is known of its table.
var errOtherShape = errors.New("the row has other columns, or values of other types, than those before it")

var errNoRow = errors.New("the message has no row: the source does not log what it takes to know which was deleted, " +
	"see ALTER TABLE ... REPLICA IDENTITY")

// row reads a row's values, in the order of the columns. What it does not have is unavailable; so are the nulls of a
// deleted row beside its key, of which nobody knows what they were.
func (t *table) row(values []change.Value, s *scanner, deleted bool, m *memory) ([]change.Value, error) {
	if err := s.open(); err != nil {
		return values, errNoRow
	}
	for range t.columns {
		values = append(values, change.UnavailableValue())
	}
	fields, next := 0, 0
	for ; ; fields++ {
		name, err := s.field(fields == 0)
		if err != nil {
			return values, err
		}
		if name == nil {
			break
		}
		i := next
		if i >= len(t.columns) || t.relation.Columns[i].Name != string(name) {
			if i = t.relation.Column(string(name)); i < 0 {
				if t.schema == nil {
					return values, errOtherShape
				}
				return values, fmt.Errorf("the row has a column %q, which the schema has not", name)
			}
		}
		next = i + 1
		v, err := t.columns[i].read(s, t.schema != nil, m)
		if err != nil {
			return values, fmt.Errorf("column %s: %w", name, err)
		}
		if deleted && v.Kind == change.Null && !t.relation.Columns[i].Key {
			continue
		}
		values[i] = v
	}
	if t.schema == nil && fields < len(t.columns) {
		return values, errOtherShape
	}
	return values, nil
}

// read reads the value that the scanner stands at.
func (c *column) read(s *scanner, schema bool, m *memory) (v change.Value, err error) {
	switch s.peek() {
	case '"':
		raw, escaped, err := s.text()
		if err != nil {
			return v, err
		}
		if escaped {
			if raw, err = m.unescape(raw); err != nil {
				return v, err
			}
		}
		switch {
		case isUnavailable(raw):
			return change.UnavailableValue(), nil
		case !schema && (c.form != formText || !c.typed):
			return v, errOtherShape
		}
		return c.text(raw, m)
	case 'n':
		raw, err := s.value()
		if err == nil && string(raw) != "null" {
			err = errJSON
		}
		return change.NullValue(), err
	}
	raw, err := s.value()
	if err != nil {
		return v, err
	}
	if !schema && !c.takes(raw) {
		return v, errOtherShape
	}
	return c.bare(raw, m)
}

// takes reports whether a column that has no schema holds a value that is neither null nor text.
func (c *column) takes(raw []byte) bool {
	if !c.typed {
		return false
	}
	how, _ := infer(raw)
	return c.form == formText || how.form == c.form || c.form == formFloat64 && how.form == formInteger
}

// bare reads a number, true, false, an object or an array.
func (c *column) bare(raw []byte, m *memory) (change.Value, error) {
	switch c.form {
	case formRaw:
		if string(raw) == "["+unavailable+"]" {
			return change.UnavailableValue(), nil
		}
		return change.TextValue(raw), nil
	case formBool:
		if raw[0] != 't' && raw[0] != 'f' {
			return change.Value{}, errJSON
		}
		return change.BoolValue(raw[0] == 't'), nil
	case formInteger, formMicroTime, formMicroTimestamp:
		n, err := parseInteger(raw)
		return change.IntegerValue(n), err
	case formTime:
		n, err := parseInteger(raw)
		return change.IntegerValue(n * 1000), err
	case formTimestamp:
		return readInfinite(raw, 1000, millisNegativeInfinity, millisInfinity)
	case formDate:
		return readInfinite(raw, 1, dateNegativeInfinity, dateInfinity)
	case formFloat32:
		return readFloat(raw, 32)
	case formFloat64:
		return readFloat(raw, 64)
	case formVariableDecimal:
		return readVariableDecimal(raw, m)
	default: // a column of text that also held numbers
		return change.TextValue(raw), nil
	}
}

// text reads what stands in a string.
func (c *column) text(raw []byte, m *memory) (change.Value, error) {
	switch c.form {
	case formText, formRaw:
		return change.TextValue(raw), nil
	case formBytes:
		b, err := m.base64(raw)
		return change.BytesValue(b), err
	case formDecimal:
		return readDecimal(raw, c.scale, m)
	case formUUID:
		return readUUID(raw, m)
	case formZonedTimestamp:
		return m.zonedTimestamp(raw)
	case formFloat32: // NaN and the infinities
		return readFloat(raw, 32)
	case formFloat64:
		return readFloat(raw, 64)
	default:
		return change.Value{}, fmt.Errorf("%.40q is no value of its type", raw)
	}
}

// isUnavailable reports whether text, or bytes in base64, are the placeholder of a value that the source left out.
func isUnavailable(raw []byte) bool {
	return len(raw) == len(unavailable)-2 && string(raw) == unavailable[1:len(unavailable)-1] ||
		len(raw) == len(unavailableBytes)-2 && string(raw) == unavailableBytes[1:len(unavailableBytes)-1]
}
