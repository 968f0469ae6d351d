package debezium

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

var errJSON = errors.New("malformed JSON")

// scanner walks through JSON where it stands. What nobody asks for is passed over by its quotes and brackets alone.
type scanner struct {
	b  []byte
	at int
}

// peek passes over white space, and gives what is behind it; 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.b) {
		if c := s.b[s.at]; c > ' ' {
			return c
		}
		s.at++
	}
	return 0
}

// open passes over an object's first bracket.
func (s *scanner) open() error {
	if s.peek() != '{' {
		return errJSON
	}
	s.at++
	return nil
}

// field passes over the next name in an object, and the colon; nil is its end. The scanner stands at the value then.
func (s *scanner) field(first bool) (name []byte, err error) {
	c := s.peek()
	if c == '}' {
		s.at++
		return nil, nil
	}
	if !first {
		if c != ',' {
			return nil, errJSON
		}
		s.at++
		c = s.peek()
	}
	if c != '"' {
		return nil, errJSON
	}
	raw, escaped, err := s.text()
	if err != nil {
		return nil, err
	}
	if escaped {
		if raw, err = unescape(nil, raw); err != nil {
			return nil, err
		}
	}
	if s.peek() != ':' {
		return nil, errJSON
	}
	s.at++
	s.peek()
	if raw == nil {
		raw = []byte{}
	}
	return raw, nil
}

// text passes over a string, and gives what is between its quotes. It looks at eight bytes at once.
func (s *scanner) text() (raw []byte, escaped bool, err error) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	from := s.at + 1
	end := from
	for ; end+8 <= len(s.b); end += 8 {
		word := binary.LittleEndian.Uint64(s.b[end:])
		quote, slash := word^('"'*ones), word^('\\'*ones)
		// The lowest top bit that is set is that of the first byte of zero.
		if found := ((quote-ones)&^quote | (slash-ones)&^slash) & tops; found != 0 {
			end += bits.TrailingZeros64(found) / 8
			break
		}
	}
	for ; end < len(s.b) && s.b[end] != '"'; end++ {
		if s.b[end] == '\\' {
			escaped = true
			end++
		}
	}
	if end >= len(s.b) {
		return nil, false, errJSON
	}
	s.at = end + 1
	return s.b[from:end], escaped, nil
}

// value passes over a value, and gives it.
func (s *scanner) value() (raw []byte, err error) {
	from := s.at
	switch s.peek() {
	case '"':
		_, _, err = s.text()
	case '{', '[':
		err = s.nested()
	default:
		for s.at < len(s.b) && !endsScalar[s.b[s.at]] {
			s.at++
		}
		if s.at == from {
			err = errJSON
		}
	}
	return s.b[from:s.at], err
}

// endsScalar are the bytes that no number, true, false or null has.
var endsScalar = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, ',': true, '}': true, ']': true, ':': true, '"': true, '{': true, '[': true}

// nested passes over an object or an array.
func (s *scanner) nested() error {
	depth := 0
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case '"':
			if _, _, err := s.text(); err != nil {
				return err
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				s.at++
				return nil
			}
		}
		s.at++
	}
	return errJSON
}

// end makes sure that nothing is left.
func (s *scanner) end() error {
	if s.peek() != 0 {
		return errJSON
	}
	return nil
}
