package replication

import (
	"encoding/binary"
	"errors"
	"fmt"

	"eventsync/pkg/change"
)

// The kinds of a tuple's columns.
const (
	columnNull      = 'n'
	columnUnchanged = 'u' // a TOASTed value that the stream leaves out
	columnText      = 't'
	columnBinary    = 'b'
)

var errColumns = errors.New("a tuple with another number of columns than its relation")

// tuple reads a row into the batch's slab of values. Missing says how many were left out; those are unavailable.
func (d *decoder) tuple(r *relation, c *cursor) (values []change.Value, missing int, err error) {
	if int(c.uint16()) != len(r.types) || c.err != nil {
		return nil, 0, errColumns
	}
	from := len(d.values)
	b := c.b
	for i, t := range r.types {
		if len(b) == 0 {
			return nil, 0, errShort
		}
		kind := b[0]
		b = b[1:]
		var v change.Value
		switch kind {
		case columnBinary, columnText:
			if len(b) < 4 {
				return nil, 0, errShort
			}
			size := binary.BigEndian.Uint32(b)
			if b = b[4:]; uint64(size) > uint64(len(b)) {
				return nil, 0, errShort
			}
			if kind == columnBinary {
				if v, err = d.memory.Binary(t, b[:size]); err != nil {
					err = fmt.Errorf("%w: %w", errNotBinary, err) // a server that sends it in another way: the text is sure to be read
				}
			} else {
				v, err = d.memory.Text(t, b[:size])
			}
			if err != nil {
				return nil, 0, fmt.Errorf("column %s: %w", r.shape.Columns[i].Name, err)
			}
			b = b[size:]
		case columnNull:
			v = change.NullValue()
		case columnUnchanged:
			v = change.UnavailableValue()
			missing++
		default:
			return nil, 0, fmt.Errorf("column %s: a value of kind %q", r.shape.Columns[i].Name, kind)
		}
		d.values = append(d.values, v)
	}
	c.b = b
	to := len(d.values)
	return d.values[from:to:to], missing, nil
}

// field is a value as it stands in a tuple.
type field struct {
	kind byte
	data []byte
}

// appendFields takes a tuple apart that tuple has read before.
func appendFields(fields []field, b []byte) []field {
	c := cursor{b: b}
	for range c.uint16() {
		f := field{kind: c.byte()}
		if f.kind == columnBinary || f.kind == columnText {
			f.data = c.take(int(c.uint32()))
		}
		fields = append(fields, f)
	}
	return fields
}
