package batch

import (
	"encoding/binary"
	"math/bits"
)

// wide is a 256-bit integer, its lowest word first. 76 digits and a sign always fit.
type wide [4]uint64

// timesTenPlus gives n*10 + d, and whether that does not fit.
func (n *wide) timesTenPlus(d uint64) (overflow bool) {
	carry := d
	for i := range n {
		hi, lo := bits.Mul64(n[i], 10)
		var c uint64
		n[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
	return carry > 0
}

// negate gives the two's complement.
func (n *wide) negate() {
	carry := uint64(1)
	for i := range n {
		n[i], carry = bits.Add64(^n[i], 0, carry)
	}
}

// append writes the low bytes, lowest first.
func (n *wide) append(b []byte, size int) []byte {
	for i := range size / 8 {
		b = binary.LittleEndian.AppendUint64(b, n[i])
	}
	for i := range size % 8 {
		b = append(b, byte(n[0]>>(8*i))) //nolint:gosec // G115: the low bytes
	}
	return b
}

// length is the number of bits that a number which is not negative needs.
func (n *wide) length() int {
	for i := len(n) - 1; i >= 0; i-- {
		if n[i] != 0 {
			return 64*i + bits.Len64(n[i])
		}
	}
	return 0
}

// fits reports whether a number of that magnitude has a place in an integer of so many bytes.
func (n *wide) fits(negative bool, t integerType) bool {
	length, room := n.length(), 8*t.bytes
	switch {
	case !t.signed():
		return length <= room && (!negative || length == 0)
	case negative && length == room:
		lower := *n // the smallest number is -2^(room-1)
		lower[(room-1)/64] &^= 1 << ((room - 1) % 64)
		return lower == wide{}
	default:
		return length < room
	}
}
