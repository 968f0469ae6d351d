package pgvalue

import (
	"bytes"
	"errors"
	"math"

	"eventsync/pkg/change"
)

var (
	errDate = errors.New("a date or time that is not in the ISO style")

	infinity     = []byte("infinity")
	negInfinity  = []byte("-infinity")
	beforeChrist = []byte(" BC")
)

// parseDate reads "2024-02-29", "0044-03-15 BC" or an infinity as days since 1970.
func parseDate(b []byte) (int64, error) {
	if i, ok := parseInfinity(b); ok {
		return i, nil
	}
	b, bc := bytes.CutSuffix(b, beforeChrist)
	days, rest, ok := cutDate(b, bc)
	if !ok || len(rest) > 0 {
		return 0, errDate
	}
	return days, nil
}

// parseTime reads "24:00:00.000001" as microseconds.
func parseTime(b []byte) (int64, error) {
	micros, rest, ok := cutTime(b)
	if !ok || len(rest) > 0 {
		return 0, errDate
	}
	return micros, nil
}

// parseTimestamp reads "2024-02-29 12:00:00.5", with or without an offset such as "+05:30" and " BC", or an infinity as
// microseconds since 1970.
func parseTimestamp(b []byte) (int64, error) {
	if i, ok := parseInfinity(b); ok {
		return i, nil
	}
	b, bc := bytes.CutSuffix(b, beforeChrist)
	days, rest, ok := cutDate(b, bc)
	if !ok || len(rest) == 0 || rest[0] != ' ' {
		return 0, errDate
	}
	micros, rest, ok := cutTime(rest[1:])
	if !ok {
		return 0, errDate
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return 0, errDate
	}
	micros -= offset
	if days > math.MaxInt64/microsPerDay-1 { // see fromEpoch2000
		return change.PositiveInfinity - 1, nil
	}
	return days*microsPerDay + micros, nil
}

func parseInfinity(b []byte) (int64, bool) {
	switch {
	case bytes.Equal(b, infinity):
		return change.PositiveInfinity, true
	case bytes.Equal(b, negInfinity):
		return change.NegativeInfinity, true
	default:
		return 0, false
	}
}

// cutDate reads a date of a year of up to seven digits.
func cutDate(b []byte, bc bool) (days int64, rest []byte, ok bool) {
	year, b, ok1 := cutNumber(b, 7)
	b, ok2 := bytes.CutPrefix(b, []byte("-"))
	month, b, ok3 := cutNumber(b, 2)
	b, ok4 := bytes.CutPrefix(b, []byte("-"))
	day, b, ok5 := cutNumber(b, 2)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, nil, false
	}
	if bc {
		year = 1 - year
	}
	return daysSince1970(year, month, day), b, true
}

// daysSince1970 counts days in the Gregorian calendar, in years that begin in March so that the leap day is the last.
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	const daysPer400Years, daysFrom0To1970 = 146_097, 719_468
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	inEra := year - era*400
	inYear := (153*(month-3)+2)/5 + day - 1
	return era*daysPer400Years + inEra*365 + inEra/4 - inEra/100 + inYear - daysFrom0To1970
}

func cutTime(b []byte) (micros int64, rest []byte, ok bool) {
	hour, b, ok1 := cutNumber(b, 2)
	b, ok2 := bytes.CutPrefix(b, []byte(":"))
	minute, b, ok3 := cutNumber(b, 2)
	b, ok4 := bytes.CutPrefix(b, []byte(":"))
	second, b, ok5 := cutNumber(b, 2)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return 0, nil, false
	}
	micros = ((hour*60+minute)*60 + second) * 1_000_000
	if len(b) == 0 || b[0] != '.' {
		return micros, b, true
	}
	fraction, rest, ok := cutNumber(b[1:], 6)
	for range 6 - (len(b) - 1 - len(rest)) {
		fraction *= 10
	}
	return micros + fraction, rest, ok
}

// parseOffset reads "+05", "-03:30", "+00:19:32" or nothing, as microseconds.
func parseOffset(b []byte) (int64, bool) {
	if len(b) == 0 {
		return 0, true
	}
	sign := int64(1)
	switch b[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return 0, false
	}
	seconds, unit := int64(0), int64(3600)
	for b[0] == '+' || b[0] == '-' || b[0] == ':' {
		n, rest, ok := cutNumber(b[1:], 2)
		if !ok || unit == 0 {
			return 0, false
		}
		seconds += n * unit
		unit /= 60
		if len(rest) == 0 {
			return sign * seconds * 1_000_000, true
		}
		b = rest
	}
	return 0, false
}

// cutNumber reads one to most digits.
func cutNumber(b []byte, most int) (n int64, rest []byte, ok bool) {
	i := 0
	for i < len(b) && i < most && b[i] >= '0' && b[i] <= '9' {
		n = n*10 + int64(b[i]-'0')
		i++
	}
	return n, b[i:], i > 0
}
