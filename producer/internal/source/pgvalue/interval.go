package pgvalue

import (
	"math"
	"strconv"

	"eventsync/pkg/change"
)

func (f *fields) date(s []byte) []byte {
	return appendInteger(s, change.TypeDate, fromDay2000(f.int32()))
}

// timestamp prints microseconds since 2000, the last years included that do not fit when they are counted from 1970.
func (f *fields) timestamp(s []byte, zone bool) []byte {
	micros := f.int64()
	switch micros {
	case math.MaxInt64:
		return append(s, infinity...)
	case math.MinInt64:
		return append(s, negInfinity...)
	}
	days := floor(micros, microsPerDay)
	s, bc := appendDate(s, days+daysTo2000)
	s = appendTime(append(s, ' '), micros-days*microsPerDay)
	if zone {
		s = append(s, "+00"...)
	}
	return appendEra(s, bc)
}

// appendOffset prints a time zone given in seconds west of Greenwich.
func appendOffset(s []byte, west int32) []byte {
	seconds, sign := -int64(west), byte('+')
	if seconds < 0 {
		seconds, sign = -seconds, '-'
	}
	s = appendPadded(append(s, sign), seconds/3600, 2)
	if seconds%3600 != 0 {
		s = appendPadded(append(s, ':'), seconds/60%60, 2)
	}
	if seconds%60 != 0 {
		s = appendPadded(append(s, ':'), seconds%60, 2)
	}
	return s
}

// interval prints an interval in the style postgres: "1 year -2 mons +3 days -04:05:06.7".
func (f *fields) interval(s []byte) []byte {
	micros, days, months := f.int64(), f.int32(), f.int32()
	switch {
	case micros == math.MaxInt64 && days == math.MaxInt32 && months == math.MaxInt32:
		return append(s, infinity...)
	case micros == math.MinInt64 && days == math.MinInt32 && months == math.MinInt32:
		return append(s, negInfinity...)
	}
	from, afterNegative := len(s), false
	for _, part := range [...]struct {
		n    int32
		unit string
	}{{months / 12, " year"}, {months % 12, " mon"}, {days, " day"}} {
		if part.n == 0 {
			continue
		}
		if len(s) > from {
			s = append(s, ' ')
		}
		if afterNegative && part.n > 0 {
			s = append(s, '+')
		}
		s = append(strconv.AppendInt(s, int64(part.n), 10), part.unit...)
		if part.n != 1 {
			s = append(s, 's')
		}
		afterNegative = part.n < 0
	}
	if micros == 0 && len(s) > from {
		return s
	}
	if len(s) > from {
		s = append(s, ' ')
	}
	magnitude := uint64(micros) //nolint:gosec // G115: made positive below
	switch {
	case micros < 0:
		magnitude = -magnitude
		s = append(s, '-')
	case afterNegative:
		s = append(s, '+')
	}
	return appendClock(s, magnitude)
}
