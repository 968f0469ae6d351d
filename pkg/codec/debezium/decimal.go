package debezium

import (
	"encoding/base64"
	"math/big"
	"strconv"
)

// shortDigits is how many digits always fit an int64.
const shortDigits = 18

// appendDecimal appends a number of that many decimals as Kafka Connect's Decimal: the bytes of the number without its
// point, in two's complement, the highest first. Not a number is null: Decimal has none.
func appendDecimal(b, text []byte, scale int) []byte {
	negative, digits, point, ok := splitDecimal(text)
	if !ok {
		return append(b, "null"...)
	}
	return appendUnscaled(b, negative, digits, point, scale)
}

// appendVariableDecimal appends a number with as many decimals as it has.
func appendVariableDecimal(b, text []byte) []byte {
	negative, digits, point, ok := splitDecimal(text)
	if !ok {
		return append(b, "null"...)
	}
	scale := 0
	if point >= 0 {
		scale = len(digits) - point - 1
	}
	b = append(b, `{"scale":`...)
	b = strconv.AppendInt(b, int64(scale), 10)
	b = append(b, `,"value":`...)
	b = appendUnscaled(b, negative, digits, point, scale)
	return append(b, '}')
}

// appendMoney appends "-$1,234.56", whose decimals are the last two digits.
func appendMoney(b, text []byte) []byte {
	var memory [32]byte
	digits, negative := memory[:0], false
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == '-', c == '(':
			negative = true
		}
	}
	return appendUnscaled(b, negative, digits, -1, 0)
}

// splitDecimal takes a number apart: its digits, among which the point stands at that index, or is not there.
func splitDecimal(text []byte) (negative bool, digits []byte, point int, ok bool) {
	point = -1
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		text = text[1:]
	}
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
		case c == '.' && point < 0:
			point = i
		default:
			return false, nil, 0, false
		}
	}
	return negative, text, point, len(text) > 0
}

func appendUnscaled(b []byte, negative bool, digits []byte, point, scale int) []byte {
	whole, fraction := digits, []byte(nil)
	if point >= 0 {
		whole, fraction = digits[:point], digits[point+1:]
	}
	switch {
	case scale < 0: // the source rounds to tens, hundreds, ...
		whole, fraction = whole[:max(0, len(whole)+scale)], nil
	case len(fraction) > scale:
		fraction = fraction[:scale]
	}
	zeros := max(0, scale-len(fraction))
	if len(whole)+len(fraction)+zeros > shortDigits {
		return appendLongUnscaled(b, negative, whole, fraction, zeros)
	}
	var n int64
	for _, part := range [2][]byte{whole, fraction} {
		for _, c := range part {
			n = n*10 + int64(c-'0')
		}
	}
	for range zeros {
		n *= 10
	}
	if negative {
		n = -n
	}
	var bytes [8]byte
	for i := range bytes {
		bytes[i] = byte(n >> (56 - 8*i)) //nolint:gosec // G115: a byte of it
	}
	return appendTwosComplement(b, bytes[:])
}

func appendLongUnscaled(b []byte, negative bool, whole, fraction []byte, zeros int) []byte {
	text := append(append(make([]byte, 0, len(whole)+len(fraction)+zeros), whole...), fraction...)
	for range zeros {
		text = append(text, '0')
	}
	n, ok := new(big.Int).SetString(string(text), 10)
	if !ok {
		return append(b, "null"...)
	}
	size := n.BitLen()/8 + 1
	if negative { // two's complement: 2^bits - n
		size++
		n.Sub(new(big.Int).Lsh(big.NewInt(1), uint(8*size)), n)
	}
	return appendTwosComplement(b, n.FillBytes(make([]byte, size)))
}

// appendTwosComplement leaves out the first bytes that say nothing but the sign.
func appendTwosComplement(b, n []byte) []byte {
	for len(n) > 1 && (n[0] == 0 && n[1] < 0x80 || n[0] == 0xff && n[1] >= 0x80) {
		n = n[1:]
	}
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, n)
	return append(b, '"')
}
