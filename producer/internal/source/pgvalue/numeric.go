package pgvalue

import (
	"encoding/binary"
	"errors"

	"eventsync/pkg/change"
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

// numeric reads a binary numeric as the text that the server would print. It is made of digits to the base of 10,000:
// the first stands before the fourth place left of the point times weight; scale digits are printed after the point.
func (d *Decoder) numeric(b []byte) (change.Value, error) {
	if len(b) < 8 {
		return change.Value{}, errNumeric
	}
	count := int(binary.BigEndian.Uint16(b))
	weight := int(int16(binary.BigEndian.Uint16(b[2:]))) //nolint:gosec // G115: the bits are kept
	sign := binary.BigEndian.Uint16(b[4:])
	scale := int(binary.BigEndian.Uint16(b[6:]) & 0x3fff)
	digits := b[8:]
	if len(digits) != 2*count {
		return change.Value{}, errNumeric
	}
	switch sign {
	case numericPositive, numericNegative:
	case numericNaN:
		return change.TextValue(textNaN), nil
	case numericInf:
		return change.TextValue(textInf), nil
	case numericNegInf:
		return change.TextValue(textNegInf), nil
	default:
		return change.Value{}, errNumeric
	}
	digit := func(i int) int { // the i-th, counted from the weight's; beyond the ends there are zeros
		if i < 0 || i >= count {
			return 0
		}
		return int(binary.BigEndian.Uint16(digits[2*i:])) % 10_000
	}
	s := d.alloc(1 + 4*max(weight+1, 1) + 1 + scale + 4)[:0]
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
	return change.TextValue(s), nil
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
