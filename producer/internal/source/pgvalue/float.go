package pgvalue

import (
	"math"
	"math/big"
	"strconv"
)

func (f *fields) float4(s []byte) []byte {
	return appendFloat(s, float64(math.Float32frombits(f.uint32())), 32)
}

func (f *fields) float8(s []byte) []byte { return appendFloat(s, math.Float64frombits(f.uint64()), 64) }

// appendFloat appends the fewest digits that tell a float from all others, as the server does.
func appendFloat(s []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(s, textNaN...)
	case math.IsInf(f, 1):
		return append(s, textInf...)
	case math.IsInf(f, -1):
		return append(s, textNegInf...)
	}
	digits, plain := -1, 15 // a plain number begins less than so many places before the point
	if bits == 32 {
		plain = 6
	}
	from := len(s)
	s = strconv.AppendFloat(s, f, 'e', digits, bits)
	for ambiguous(f, string(s[from:]), bits) {
		digits = max(digits, mantissaDigits(s[from:])-1) + 1
		s = strconv.AppendFloat(s[:from], f, 'e', digits, bits)
	}
	if e := exponent(s[from:]); e >= -4 && e < plain {
		return strconv.AppendFloat(s[:from], f, 'f', max(0, mantissaDigits(s[from:])-1-e), bits)
	}
	return s
}

// mantissaDigits counts the digits of a number such as -1.25e+10.
func mantissaDigits(s []byte) (n int) {
	for _, c := range s {
		switch {
		case c == 'e':
			return n
		case c >= '0' && c <= '9':
			n++
		}
	}
	return n
}

func exponent(s []byte) int {
	e := 0
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == 'e' {
			e, _ = strconv.Atoi(string(s[i+1:])) // it was just printed
			break
		}
	}
	return e
}

// ambiguous reports whether digits are as near to a neighbouring float, so that only the rule of the even mantissa makes
// them this one. Go's printing relies on that rule, the server's does not. There are such digits only of numbers that are
// so great that the neighbour is 2 away, and not so great that no short number lies in the middle.
func ambiguous(f float64, digits string, bits int) bool {
	least, most := float64(1<<53), 1e40
	if bits == 32 {
		least, most = 1<<24, 1e20
	}
	if a := math.Abs(f); a < least || a > most {
		return false
	}
	shortest, _, err := big.ParseFloat(digits, 10, 256, big.ToNearestEven)
	if err != nil {
		return false
	}
	var distance, limit big.Float
	distance.Sub(shortest, big.NewFloat(f))
	if distance.Sign() == 0 {
		return false
	}
	neighbour := math.Nextafter(f, math.Inf(distance.Sign()))
	if bits == 32 {
		neighbour = float64(math.Nextafter32(float32(f), float32(math.Inf(distance.Sign()))))
	}
	limit.Sub(big.NewFloat(neighbour), big.NewFloat(f))
	return distance.Abs(&distance).Cmp(limit.Abs(limit.Quo(&limit, big.NewFloat(2)))) == 0
}
