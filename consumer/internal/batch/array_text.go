package batch

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"eventsync/pkg/change"
)

var (
	errArray      = errors.New("it is no array as PostgreSQL prints one")
	errDimensions = errors.New("it has another number of dimensions than the column's type")
)

// skipBounds passes over what stands before an array whose indexes do not begin with 1: [0:2]={...}
func skipBounds(text []byte) []byte {
	if len(text) > 0 && text[0] == '[' {
		if at := bytes.IndexByte(text, '{'); at > 0 && text[at-1] == '=' {
			return text[at:]
		}
	}
	return text
}

// read appends the elements of an array's text, and gives what is behind it.
func (a *array) read(c *conversion, text []byte) (rest []byte, grown int, err error) {
	if len(text) < 2 || text[0] != '{' {
		return text, 0, errArray
	}
	if text[1] == '}' {
		return text[2:], 0, nil
	}
	inner, nested := a.element.(*array)
	for text = text[1:]; ; text = text[1:] {
		var n int
		if opens := len(text) > 0 && text[0] == '{'; opens != nested {
			return text, 0, errDimensions
		}
		if nested {
			if text, n, err = inner.read(c.element, text); err != nil {
				return text, 0, err
			}
			inner.end()
			n += 8
		} else if text, n, err = a.readElement(c, text); err != nil {
			return text, 0, err
		}
		grown += n
		switch {
		case len(text) > 0 && text[0] == c.between:
		case len(text) > 0 && text[0] == '}':
			return text[1:], grown, nil
		default:
			return text, 0, errArray
		}
	}
}

// readElement appends the first element of a text.
func (a *array) readElement(c *conversion, text []byte) (rest []byte, grown int, err error) {
	item, quoted, rest := a.cut(c, text)
	switch {
	case rest == nil, !quoted && len(item) == 0:
		return text, 0, errArray
	case !quoted && string(item) == "NULL":
		a.item = change.NullValue()
	default:
		a.item = change.TextValue(item)
	}
	if grown, err = a.element.append(c.element, &a.item); err != nil {
		return text, 0, fmt.Errorf("element %.40q: %w", item, err)
	}
	return rest, grown, nil
}

// cut takes the first element off a text; rest is nil where it does not end.
func (a *array) cut(c *conversion, text []byte) (item []byte, quoted bool, rest []byte) {
	if len(text) == 0 || text[0] != '"' {
		for i, b := range text {
			if b == c.between || b == '}' {
				return text[:i], false, text[i:]
			}
		}
		return nil, false, nil
	}
	text = text[1:]
	i := bytes.IndexAny(text, `"\`)
	if i < 0 {
		return nil, true, nil
	}
	if text[i] == '"' {
		return text[:i], true, text[i+1:]
	}
	a.scratch = append(a.scratch[:0], text[:i]...)
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			return a.scratch, true, text[i+1:]
		case '\\':
			if i++; i == len(text) {
				return nil, true, nil
			}
		}
		a.scratch = append(a.scratch, text[i])
	}
	return nil, true, nil
}

var errHex = errors.New("it is no bytea in hexadecimal digits")

// hexAppender appends the bytes that \x0aff stands for.
func hexAppender(t *typeName, add appender) (appender, error) {
	if t.base != "String" && t.base != "FixedString" {
		return nil, errNoConversion
	}
	var v change.Value // of the plan, which is of one goroutine: on the stack it would escape
	var raw []byte
	return func(b []byte, text *change.Value) ([]byte, error) {
		digits, ok := bytes.CutPrefix(text.Bytes, []byte(`\x`))
		if !ok {
			return b, errHex
		}
		var err error
		if raw, err = hex.AppendDecode(raw[:0], digits); err != nil {
			return b, errHex
		}
		v = change.BytesValue(raw)
		return add(b, &v)
	}, nil
}
