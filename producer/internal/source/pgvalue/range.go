package pgvalue

import "bytes"

// The flags of a range.
const (
	rangeEmpty         = 0x01
	rangeLowerIn       = 0x02
	rangeUpperIn       = 0x04
	rangeLowerInfinite = 0x08
	rangeUpperInfinite = 0x10
)

// appendRange prints a range: "[1,5)", "(,)", "empty".
func appendRange(s []byte, of Type, b []byte) (_ []byte, err error) {
	f := &fields{b: b}
	flags := f.uint8()
	if flags&rangeEmpty != 0 {
		s = append(s, "empty"...)
	} else {
		s = append(s, "(["[flags&rangeLowerIn/rangeLowerIn])
		if flags&rangeLowerInfinite == 0 {
			if s, err = f.bound(s, of); err != nil {
				return s, err
			}
		}
		s = append(s, ',')
		if flags&rangeUpperInfinite == 0 {
			if s, err = f.bound(s, of); err != nil {
				return s, err
			}
		}
		s = append(s, ")]"[flags&rangeUpperIn/rangeUpperIn])
	}
	if !f.end() {
		return s, errRange
	}
	return s, nil
}

func (f *fields) bound(s []byte, of Type) ([]byte, error) {
	b, null := f.sized()
	if f.short || null {
		return s, errRange
	}
	from := len(s)
	s, err := appendPrinted(s, of, b)
	if err != nil {
		return s, err
	}
	if text := s[from:]; len(text) == 0 || bytes.ContainsAny(text, "\"\\()[], \t\n\r\v\f") {
		s = quoteFrom(s, from, false)
	}
	return s, nil
}

// appendMultirange prints a multirange: "{[1,2),[5,6)}".
func appendMultirange(s []byte, r Type, b []byte) (_ []byte, err error) {
	f := &fields{b: b}
	count := int(f.int32())
	s = append(s, '{')
	for i := range count {
		if i > 0 {
			s = append(s, ',')
		}
		b, null := f.sized()
		if f.short || null {
			return s, errRange
		}
		if s, err = appendPrinted(s, r, b); err != nil {
			return s, err
		}
	}
	if !f.end() {
		return s, errRange
	}
	return append(s, '}'), nil
}
