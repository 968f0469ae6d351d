package pgvalue

import (
	"bytes"
	"errors"
	"strconv"
)

var (
	errArray = errors.New("a malformed binary array")
	errRange = errors.New("a malformed binary range")
)

// mostDimensions is the server's limit.
const mostDimensions = 6

// dimension is a length and the index of the first element.
type dimension struct{ length, lower int32 }

// appendArray prints an array: its dimensions, where an index does not begin with 1, and its elements.
func appendArray(s []byte, p *parts, b []byte) ([]byte, error) {
	f := &fields{b: b}
	count := int(f.int32())
	f.take(4 + 4) // whether there are NULLs, the elements' type
	if count < 0 || count > mostDimensions {
		return s, errArray
	}
	dimensions := make([]dimension, 0, mostDimensions)
	elements, shifted := 1, false
	for range count {
		d := dimension{f.int32(), f.int32()}
		if d.length < 0 || int64(elements)*int64(d.length) > int64(len(b)/4) { // each has its size
			return s, errArray
		}
		elements *= int(d.length)
		shifted = shifted || d.lower != 1
		dimensions = append(dimensions, d)
	}
	if f.short {
		return s, errArray
	}
	if count == 0 || elements == 0 {
		return append(s, "{}"...), nil
	}
	if shifted {
		for _, d := range dimensions {
			s = strconv.AppendInt(append(s, '['), int64(d.lower), 10)
			s = strconv.AppendInt(append(s, ':'), int64(d.lower)+int64(d.length)-1, 10)
			s = append(s, ']')
		}
		s = append(s, '=')
	}
	s, err := f.elements(s, p, dimensions)
	if err == nil && !f.end() {
		err = errArray
	}
	return s, err
}

func (f *fields) elements(s []byte, p *parts, dimensions []dimension) (_ []byte, err error) {
	s = append(s, '{')
	for i := range dimensions[0].length {
		if i > 0 {
			s = append(s, p.delimiter)
		}
		if len(dimensions) > 1 {
			s, err = f.elements(s, p, dimensions[1:])
		} else {
			s, err = f.element(s, p)
		}
		if err != nil {
			return s, err
		}
	}
	return append(s, '}'), nil
}

func (f *fields) element(s []byte, p *parts) ([]byte, error) {
	b, null := f.sized()
	if f.short {
		return s, errArray
	}
	if null {
		return append(s, "NULL"...), nil
	}
	from := len(s)
	s, err := appendPrinted(s, p.of, b)
	if err != nil {
		return s, err
	}
	text := s[from:]
	if len(text) == 0 || bytes.IndexByte(text, p.delimiter) >= 0 || bytes.ContainsAny(text, "\"\\{} \t\n\r\v\f") || bytes.EqualFold(text, []byte("NULL")) {
		s = quoteFrom(s, from, true)
	}
	return s, nil
}

// quoteFrom puts what was appended from an index on between quotes. Those within it, and backslashes, get a backslash, or are
// doubled.
func quoteFrom(s []byte, from int, backslash bool) []byte {
	end, extra := len(s), 2
	for _, c := range s[from:] {
		if c == '"' || c == '\\' {
			extra++
		}
	}
	for range extra {
		s = append(s, '"')
	}
	to := len(s) - 1
	for i := end - 1; i >= from; i-- {
		c := s[i]
		to--
		s[to] = c
		if c == '"' || c == '\\' {
			to--
			s[to] = c
			if backslash {
				s[to] = '\\'
			}
		}
	}
	s[from] = '"'
	return s
}
