package codec

// AppendWithoutPosition appends a message without its position and the one before it: so it stands outside the commit
// order, as a snapshot's rows do, and no reader takes it for a repeat. Its version orders it still. All else stays as it
// is, fields that are not known here included.
func AppendWithoutPosition(dst, message []byte) ([]byte, error) {
	for rest := message; len(rest) > 0; {
		n, _, _, behind, err := nextField(rest)
		if err != nil {
			return dst, err
		}
		if n != changePosition && n != changePrevious {
			dst = append(dst, rest[:len(rest)-len(behind)]...)
		}
		rest = behind
	}
	return dst, nil
}
