package snapshot

import (
	"bytes"
	"errors"
	"fmt"

	"eventsync/pkg/change"
)

var errText = errors.New("a row of COPY's text format that is malformed")

// text reads a row of the text format: fields between tabs, with escapes, which are taken out in place.
func (r *rows) text(b []byte) error {
	b, ok := bytes.CutSuffix(b, []byte("\n"))
	if !ok {
		return errText
	}
	for i, t := range r.table.Types {
		field := b
		if tab := bytes.IndexByte(b, '\t'); tab >= 0 {
			field, b = b[:tab], b[tab+1:]
			if i == len(r.table.Types)-1 {
				return errColumns
			}
		} else if i < len(r.table.Types)-1 {
			return errColumns
		}
		v := change.NullValue()
		if string(field) != `\N` {
			unescaped, err := unescape(field)
			if err != nil {
				return err
			}
			if v, err = r.decoder.Text(t, unescaped); err != nil {
				return fmt.Errorf("column %s: %w", r.table.Relation.Columns[i].Name, err)
			}
		}
		r.values = append(r.values, v)
	}
	return nil
}

var escapes = [256]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\'}

// unescape takes the escapes out of a field, in place.
func unescape(b []byte) ([]byte, error) {
	first := bytes.IndexByte(b, '\\')
	if first < 0 {
		return b, nil
	}
	out := b[:first]
	for i := first; i < len(b); i++ {
		c := b[i]
		if c == '\\' {
			i++
			if i == len(b) || escapes[b[i]] == 0 {
				return nil, errText
			}
			c = escapes[b[i]]
		}
		out = append(out, c)
	}
	return out, nil
}
