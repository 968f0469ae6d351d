package pgvalue

import "strconv"

// tsvector prints lexemes, with their places and weights.
func (f *fields) tsvector(s []byte) []byte {
	count := int(f.int32())
	for i := 0; i < count && !f.short; i++ {
		if i > 0 {
			s = append(s, ' ')
		}
		s = appendDoubled(append(s, '\''), f.string(), '\'', '\\')
		s = append(s, '\'')
		places := int(f.uint16())
		for j := 0; j < places && !f.short; j++ {
			s = append(s, ":,"[min(j, 1)])
			place := f.uint16()
			s = strconv.AppendUint(s, uint64(place&(1<<14-1)), 10)
			if weight := place >> 14; weight > 0 {
				s = append(s, "DCBA"[weight])
			}
		}
	}
	return s
}

// hstore prints pairs.
func (f *fields) hstore(s []byte) []byte {
	count := int(f.int32())
	for i := 0; i < count && !f.short; i++ {
		if i > 0 {
			s = append(s, ", "...)
		}
		key, _ := f.sized()
		s = append(appendEscaped(s, key), "=>"...)
		value, null := f.sized()
		if null {
			s = append(s, "NULL"...)
		} else {
			s = appendEscaped(s, value)
		}
	}
	return s
}

// appendDoubled appends text in which two characters are written twice.
func appendDoubled(s, text []byte, one, other byte) []byte {
	for _, c := range text {
		if c == one || c == other {
			s = append(s, c)
		}
		s = append(s, c)
	}
	return s
}

// appendEscaped appends text between quotes, with \ before those within.
func appendEscaped(s, text []byte) []byte {
	from := len(s)
	return quoteFrom(append(s, text...), from, true)
}
