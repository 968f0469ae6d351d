package pgvalue

// geometry prints points and what is made of them.
func (f *fields) geometry(s []byte, c code) []byte {
	switch c {
	case codePoint:
		return f.point(s)
	case codeLine: // A, B and C of Ax + By + C = 0
		s = f.float8(append(s, '{'))
		s = f.float8(append(s, ','))
		return append(f.float8(append(s, ',')), '}')
	case codeSegment:
		return append(f.points(append(s, '['), 2), ']')
	case codeBox:
		return f.points(s, 2)
	case codePath:
		if f.uint8() == 0 {
			return append(f.points(append(s, '['), int(f.int32())), ']')
		}
		return append(f.points(append(s, '('), int(f.int32())), ')')
	case codePolygon:
		return append(f.points(append(s, '('), int(f.int32())), ')')
	default: // a circle
		s = f.point(append(s, '<'))
		return append(f.float8(append(s, ',')), '>')
	}
}

func (f *fields) points(s []byte, n int) []byte {
	for i := 0; i < n && !f.short; i++ {
		if i > 0 {
			s = append(s, ',')
		}
		s = f.point(s)
	}
	return s
}

func (f *fields) point(s []byte) []byte {
	s = f.float8(append(s, '('))
	return append(f.float8(append(s, ',')), ')')
}
