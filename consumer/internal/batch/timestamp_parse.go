package batch

import (
	"bytes"
	"errors"
	"math"
	"time"

	"eventsync/pkg/change"
)

var (
	errDate      = errors.New("it is no date")
	errTimestamp = errors.New("it is no timestamp")
	errNanos     = errors.New("it has more than 6 digits behind the second")
)

// parseDate reads what PostgreSQL prints of a date, as days since 1970: 2024-02-29, 0044-03-15 BC, infinity.
func parseDate(text []byte) (int64, error) {
	if i, ok := infinity(text); ok {
		return i, nil
	}
	text, bc := bytes.CutSuffix(text, []byte(" BC"))
	day, rest, ok := cutDay(text, bc)
	if !ok || len(rest) > 0 {
		return 0, errDate
	}
	return day, nil
}

// parseTimestamp reads what PostgreSQL prints of a timestamp, and ISO 8601, as microseconds since 1970:
// 2024-02-29 12:34:56.789+00, 2024-02-29T12:34:56Z. Without a zone it is taken as UTC.
func parseTimestamp(text []byte) (int64, error) {
	if i, ok := infinity(text); ok {
		return i, nil
	}
	text, bc := bytes.CutSuffix(text, []byte(" BC"))
	day, rest, ok := cutDay(text, bc)
	if !ok || len(rest) < len(" 00:00:00") || rest[0] != ' ' && rest[0] != 'T' {
		return 0, errTimestamp
	}
	second, rest, ok := cutClock(rest[1:])
	if !ok {
		return 0, errTimestamp
	}
	micros := int64(0)
	if len(rest) > 0 && rest[0] == '.' {
		unit := int64(microsPerSecond)
		for rest = rest[1:]; len(rest) > 0 && isDigit(rest[0]); rest = rest[1:] {
			if unit /= 10; unit == 0 && rest[0] != '0' {
				return 0, errNanos
			}
			micros += int64(rest[0]-'0') * unit
		}
	}
	offset, ok := parseZone(rest)
	if !ok {
		return 0, errTimestamp
	}
	second += day*secondsPerDay - offset
	switch {
	case second >= math.MaxInt64/microsPerSecond: // far beyond any range, and no infinity
		return math.MaxInt64 - 1, nil
	case second <= math.MinInt64/microsPerSecond:
		return math.MinInt64 + 1, nil
	}
	return second*microsPerSecond + micros, nil
}

func infinity(text []byte) (int64, bool) {
	switch string(text) {
	case "infinity":
		return change.PositiveInfinity, true
	case "-infinity":
		return change.NegativeInfinity, true
	default:
		return 0, false
	}
}

const maxYearDigits = 7

// cutDay reads 2024-02-29 as days since 1970.
func cutDay(text []byte, bc bool) (day int64, rest []byte, ok bool) {
	year, digits := 0, 0
	for ; digits < len(text) && digits <= maxYearDigits && isDigit(text[digits]); digits++ {
		year = year*10 + int(text[digits]-'0')
	}
	text = text[digits:]
	if digits < 4 || digits > maxYearDigits || len(text) < len("-02-29") || text[0] != '-' || text[3] != '-' {
		return 0, nil, false
	}
	month, ok1 := twoDigits(text[1:])
	date, ok2 := twoDigits(text[4:])
	if bc {
		year = 1 - year
	}
	t := time.Date(year, time.Month(month), date, 0, 0, 0, 0, time.UTC)
	if !ok1 || !ok2 || t.Month() != time.Month(month) || t.Day() != date {
		return 0, nil, false
	}
	return floorDiv(t.Unix(), secondsPerDay), text[6:], true
}

// cutClock reads 12:34:56 as seconds; 24:00:00 is one.
func cutClock(text []byte) (seconds int64, rest []byte, ok bool) {
	if len(text) < len("12:34:56") || text[2] != ':' || text[5] != ':' {
		return 0, nil, false
	}
	hours, ok1 := twoDigits(text)
	minutes, ok2 := twoDigits(text[3:])
	s, ok3 := twoDigits(text[6:])
	seconds = int64(hours)*3600 + int64(minutes)*60 + int64(s)
	return seconds, text[8:], ok1 && ok2 && ok3 && minutes < 60 && s < 60 && seconds <= secondsPerDay
}

// parseZone reads nothing, Z, +02, +0230, +02:30 or +02:30:15 as seconds east.
func parseZone(text []byte) (seconds int64, ok bool) {
	if len(text) == 0 || string(text) == "Z" {
		return 0, true
	}
	sign := int64(1)
	switch text[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, false
	}
	text = text[1:]
	for unit := int64(3600); ; unit /= 60 {
		n, ok := twoDigits(text)
		if !ok || unit == 0 {
			return 0, false
		}
		seconds += int64(n) * unit
		if text = text[2:]; len(text) == 0 {
			return sign * seconds, true
		}
		if text[0] == ':' {
			text = text[1:]
		}
	}
}

func twoDigits(text []byte) (n int, ok bool) {
	if len(text) < 2 || !isDigit(text[0]) || !isDigit(text[1]) {
		return 0, false
	}
	return int(text[0]-'0')*10 + int(text[1]-'0'), true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
