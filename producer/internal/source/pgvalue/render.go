package pgvalue

import (
	"bytes"
	"encoding/hex"
	"math"
	"strconv"

	"eventsync/pkg/change"
)

// AppendText appends a value as text that the server takes as input for its type: the inverse of Text. It appends
// nothing for a value that is NULL or unavailable; those are the caller's to tell.
func AppendText(b []byte, t change.Type, v *change.Value) []byte {
	switch v.Kind {
	case change.Bool:
		return strconv.AppendBool(b, v.Bool())
	case change.Integer:
		return appendInteger(b, t, v.Integer())
	case change.Float:
		bits := 64
		if t == change.TypeFloat32 {
			bits = 32
		}
		f := v.Float()
		if math.IsInf(f, 0) { // strconv has a sign before the positive one
			return append(b, map[bool][]byte{true: textInf, false: textNegInf}[f > 0]...)
		}
		return strconv.AppendFloat(b, f, 'g', -1, bits)
	case change.Text:
		return append(b, v.Bytes...)
	case change.Bytes:
		if t == change.TypeUUID {
			return hex.AppendEncode(b, v.Bytes) // the dashes may be left out
		}
		return hex.AppendEncode(append(b, `\x`...), v.Bytes)
	default:
		return b
	}
}

func appendInteger(b []byte, t change.Type, i int64) []byte {
	switch t {
	case change.TypeDate, change.TypeTimestamp, change.TypeTimestampTZ:
		switch i {
		case change.PositiveInfinity:
			return append(b, infinity...)
		case change.NegativeInfinity:
			return append(b, negInfinity...)
		}
	}
	switch t {
	case change.TypeDate:
		b, bc := appendDate(b, i)
		return appendEra(b, bc)
	case change.TypeTime:
		return appendTime(b, i)
	case change.TypeTimestamp, change.TypeTimestampTZ:
		days := floor(i, microsPerDay)
		b, bc := appendDate(b, days)
		b = appendTime(append(b, ' '), i-days*microsPerDay)
		if t == change.TypeTimestampTZ {
			b = append(b, "+00"...)
		}
		return appendEra(b, bc)
	default:
		return strconv.AppendInt(b, i, 10)
	}
}

func appendEra(b []byte, bc bool) []byte {
	if bc {
		return append(b, beforeChrist...)
	}
	return b
}

// floor divides, and rounds down.
func floor(a, by int64) int64 {
	q := a / by
	if a%by < 0 {
		q--
	}
	return q
}

// appendDate is the inverse of daysSince1970.
func appendDate(b []byte, days int64) (_ []byte, bc bool) {
	const daysPer400Years, daysFrom0To1970 = 146_097, 719_468
	days += daysFrom0To1970
	era := floor(days, daysPer400Years)
	inEra := days - era*daysPer400Years
	yearInEra := (inEra - inEra/1460 + inEra/36_524 - inEra/146_096) / 365
	inYear := inEra - (365*yearInEra + yearInEra/4 - yearInEra/100)
	month := (5*inYear + 2) / 153
	day := inYear - (153*month+2)/5 + 1
	year := yearInEra + era*400
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	if year <= 0 {
		year, bc = 1-year, true
	}
	b = appendPadded(b, year, 4)
	b = appendPadded(append(b, '-'), month, 2)
	return appendPadded(append(b, '-'), day, 2), bc
}

func appendTime(b []byte, micros int64) []byte {
	return appendClock(b, uint64(micros)) //nolint:gosec // G115: a time of day
}

// appendClock appends hours, which may be many, minutes, seconds, and as much of their fraction as is not zero.
func appendClock(b []byte, micros uint64) []byte {
	seconds := int64(micros / 1_000_000) //nolint:gosec // G115: that small
	b = appendPadded(b, seconds/3600, 2)
	b = appendPadded(append(b, ':'), seconds/60%60, 2)
	b = appendPadded(append(b, ':'), seconds%60, 2)
	if fraction := int64(micros % 1_000_000); fraction != 0 {
		b = appendPadded(append(b, '.'), fraction, 6)
		b = bytes.TrimRight(b, "0")
	}
	return b
}

func appendPadded(b []byte, n int64, width int) []byte {
	for limit := int64(math.Pow10(width - 1)); n < limit && limit > 1; limit /= 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, n, 10)
}
