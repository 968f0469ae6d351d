package debezium

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"

	"eventsync/pkg/change"
)

// appendValue appends a value that is there.
func (f *field) appendValue(b []byte, v *change.Value) []byte {
	switch f.form {
	case formInteger, formMicroTime, formMicroTimestamp:
		return strconv.AppendInt(b, v.Integer(), 10)
	case formZonedTimestamp:
		return f.days.appendZonedTimestamp(b, v.Integer(), f.scale)
	case formBool:
		return strconv.AppendBool(b, v.Bool())
	case formFloat32:
		return appendFloat(b, v.Float(), 32)
	case formFloat64:
		return appendFloat(b, v.Float(), 64)
	case formBytes:
		return appendBytes(b, v.Bytes)
	case formUUID:
		return appendUUID(b, v.Bytes)
	case formDate:
		return strconv.AppendInt(b, finite(v.Integer(), v.Integer(), dateInfinity, dateNegativeInfinity), 10)
	case formTime:
		return strconv.AppendInt(b, v.Integer()/1000, 10)
	case formTimestamp:
		return strconv.AppendInt(b, finite(v.Integer(), floorDiv(v.Integer(), 1000), millisInfinity, millisNegativeInfinity), 10)
	default:
		return f.appendText(b, v.Bytes)
	}
}

// appendText appends a value that the source gives as its text.
func (f *field) appendText(b, text []byte) []byte {
	switch f.form {
	case formDecimal:
		return appendDecimal(b, text, f.scale)
	case formVariableDecimal:
		return appendVariableDecimal(b, text)
	case formMoney:
		return appendMoney(b, text)
	case formInterval:
		return appendInterval(b, text)
	case formZonedTime:
		return appendZonedTime(b, text)
	case formBit:
		return strconv.AppendBool(b, len(text) > 0 && text[0] == '1')
	case formBits:
		return appendBits(b, text)
	case formPoint:
		return appendPoint(b, text)
	case formArray:
		return f.appendArray(b, text)
	default:
		return appendString(b, text)
	}
}

func appendBytes(b, v []byte) []byte {
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, v)
	return append(b, '"')
}

func appendUUID(b, u []byte) []byte {
	if len(u) != 16 {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = hex.AppendEncode(b, u[:4])
	b = hex.AppendEncode(append(b, '-'), u[4:6])
	b = hex.AppendEncode(append(b, '-'), u[6:8])
	b = hex.AppendEncode(append(b, '-'), u[8:10])
	b = hex.AppendEncode(append(b, '-'), u[10:])
	return append(b, '"')
}

// appendFloat appends a number as Java prints it: with a point, and with an exponent below 0.001 and from 10,000,000 on.
// Those that JSON has no numbers for are strings.
func appendFloat(b []byte, v float64, bits int) []byte {
	abs := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return append(b, `"NaN"`...)
	case math.IsInf(v, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(v, -1):
		return append(b, `"-Infinity"`...)
	case abs == 0 || abs >= 1e-3 && abs < 1e7:
		from := len(b)
		b = strconv.AppendFloat(b, v, 'f', -1, bits)
		return pointed(b, from)
	}
	from := len(b)
	b = strconv.AppendFloat(b, v, 'e', -1, bits) // 1.5e+300
	for i := from; i < len(b); i++ {
		if b[i] != 'e' {
			continue
		}
		var digits [4]byte
		exponent := append(digits[:0], b[i+1:]...)
		b = append(pointed(b[:i], from), 'E')
		if exponent[0] == '-' {
			b = append(b, '-')
		}
		exponent = exponent[1:]
		for len(exponent) > 1 && exponent[0] == '0' {
			exponent = exponent[1:]
		}
		return append(b, exponent...)
	}
	return b
}

// pointed makes sure that a number has a point.
func pointed(b []byte, from int) []byte {
	for _, c := range b[from:] {
		if c == '.' {
			return b
		}
	}
	return append(b, ".0"...)
}

// appendBits appends a bit string, a binary number with its last bit lowest, as bytes of which the lowest comes first.
func appendBits(b, text []byte) []byte {
	var memory [64]byte
	bits := memory[:0]
	for end := len(text); end > 0; end -= 8 {
		var one byte
		for _, c := range text[max(0, end-8):end] {
			one = one<<1 | c&1
		}
		bits = append(bits, one)
	}
	return appendBytes(b, bits)
}

// appendPoint appends "(1.5,2)" with its well-known binary form.
func appendPoint(b, text []byte) []byte {
	var xy [2]float64
	from, n := 1, 0
	for i := 1; i < len(text) && n < 2; i++ {
		if text[i] != ',' && text[i] != ')' {
			continue
		}
		f, err := strconv.ParseFloat(string(text[from:i]), 64)
		if err != nil {
			return append(b, "null"...)
		}
		xy[n] = f
		from, n = i+1, n+1
	}
	wkb := [21]byte{1, 1} // little-endian, a point
	for i, f := range xy {
		bits := math.Float64bits(f)
		for j := range 8 {
			wkb[5+8*i+j] = byte(bits >> (8 * j)) //nolint:gosec // G115: a byte of it
		}
	}
	b = appendFloat(append(b, `{"x":`...), xy[0], 64)
	b = appendFloat(append(b, `,"y":`...), xy[1], 64)
	b = appendBytes(append(b, `,"wkb":`...), wkb[:])
	return append(b, `,"srid":null}`...)
}
