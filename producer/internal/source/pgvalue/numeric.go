package pgvalue

import (
	"encoding/binary"
	"errors"
)

// The sign words of a binary numeric.
const (
	numericPositive = 0x0000
	numericNegative = 0x4000
	numericNaN      = 0xc000
	numericInf      = 0xd000
	numericNegInf   = 0xf000
)

var (
	textNaN    = []byte("NaN")
	textInf    = []byte("Infinity")
	textNegInf = []byte("-Infinity")
)

var errNumeric = errors.New("a malformed binary numeric")

// appendNumeric prints a binary numeric. It is made of digits to the base of 10,000:
// the first stands before the fourth place left of the point times weight; scale digits are printed after the point.
func appendNumeric(s, b []byte) ([]byte, error) {
	if len(b) < 8 {
		return s, errNumeric
	}
	count := int(binary.BigEndian.Uint16(b))
	weight := int(int16(binary.BigEndian.Uint16(b[2:]))) //nolint:gosec // G115: the bits are kept
	sign := binary.BigEndian.Uint16(b[4:])
	scale := int(binary.BigEndian.Uint16(b[6:]) & 0x3fff)
	digits := b[8:]
	if len(digits) != 2*count {
		return s, errNumeric
	}
	switch sign {
	case numericPositive, numericNegative:
	case numericNaN:
		return append(s, textNaN...), nil
	case numericInf:
		return append(s, textInf...), nil
	case numericNegInf:
		return append(s, textNegInf...), nil
	default:
		return s, errNumeric
	}
	digit := func(i int) int { // the i-th, counted from the weight's; beyond the ends there are zeros
		if i < 0 || i >= count {
			return 0
		}
		return int(binary.BigEndian.Uint16(digits[2*i:])) % 10_000
	}
	if sign == numericNegative {
		s = append(s, '-')
	}
	whole := len(s)
	for i := 0; i <= weight; i++ {
		s = appendDigit(s, digit(i))
	}
	s = trimZeros(s, whole)
	if scale > 0 {
		s = append(s, '.')
		end := len(s) + scale
		for i := weight + 1; len(s) < end; i++ {
			s = appendDigit(s, digit(i))
		}
		s = s[:end]
	}
	return s, nil
}

func appendDigit(s []byte, d int) []byte {
	return append(s, '0'+byte(d/1000), '0'+byte(d/100%10), '0'+byte(d/10%10), '0'+byte(d%10)) //nolint:gosec // G115: below 10
}

// trimZeros takes leading zeros away from the whole part that begins at from, all but the last digit.
func trimZeros(s []byte, from int) []byte {
	if len(s) == from {
		return append(s, '0')
	}
	first := from
	for first < len(s)-1 && s[first] == '0' {
		first++
	}
	return append(s[:from], s[first:]...)
}
