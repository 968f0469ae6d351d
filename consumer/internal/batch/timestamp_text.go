package batch

import (
	"errors"
	"time"

	"eventsync/pkg/change"
)

// appendTimeText writes microseconds since midnight as 13:04:05.000006, without a fraction of zero. 24:00:00 is a time.
func appendTimeText(b []byte, v *change.Value) ([]byte, error) {
	t := v.Integer()
	if t < 0 || t > secondsPerDay*microsPerSecond {
		return b, errors.New("it is not between 00:00:00 and 24:00:00")
	}
	size := 8
	if t%microsPerSecond != 0 {
		size = 15
	}
	b = append(b, byte(size))
	s := t / microsPerSecond
	b = append(appendDigits(b, s/3600, 2), ':')
	b = append(appendDigits(b, s/60%60, 2), ':')
	b = appendDigits(b, s%60, 2)
	if size > 8 {
		b = appendDigits(append(b, '.'), t%microsPerSecond, 6)
	}
	return b, nil
}

func appendDigits(b []byte, n int64, width int) []byte {
	end := len(b) + width
	for range width {
		b = append(b, '0')
	}
	for i := end - 1; n > 0 && i >= end-width; i-- {
		b[i] += byte(n % 10)
		n /= 10
	}
	return b
}

// appendDateText writes a date as PostgreSQL prints it: 2024-02-29, 0044-03-15 BC, infinity.
func appendDateText(b []byte, v *change.Value) ([]byte, error) {
	return appendSized(b, func(b []byte) []byte {
		day := v.Integer()
		if isInfinite(day) {
			return appendInfinity(b, day)
		}
		b, era := appendDay(b, day)
		return append(b, era...)
	}), nil
}

// timestampTextAppender writes timestamps as PostgreSQL prints them: 2024-02-29 12:34:56.789, and behind it zone.
func timestampTextAppender(zone string) appender {
	return func(b []byte, v *change.Value) ([]byte, error) {
		return appendSized(b, func(b []byte) []byte {
			micros := v.Integer()
			if isInfinite(micros) {
				return appendInfinity(b, micros)
			}
			day := floorDiv(micros, secondsPerDay*microsPerSecond)
			b, era := appendDay(b, day)
			b = appendClock(append(b, ' '), micros-day*secondsPerDay*microsPerSecond)
			return append(append(b, zone...), era...)
		}), nil
	}
}

// appendSized puts the length of what is appended, which is under 128, before it.
func appendSized(b []byte, add func([]byte) []byte) []byte {
	at := len(b)
	b = add(append(b, 0))
	b[at] = byte(len(b) - at - 1) //nolint:gosec // G115: under 128
	return b
}

func appendInfinity(b []byte, i int64) []byte {
	if i == change.NegativeInfinity {
		b = append(b, '-')
	}
	return append(b, "infinity"...)
}

func appendDay(b []byte, day int64) (_ []byte, era string) {
	year, month, date := time.Unix(day*secondsPerDay, 0).UTC().Date()
	if year <= 0 {
		year, era = 1-year, " BC"
	}
	width := 4
	for y := year / 10_000; y > 0; y /= 10 {
		width++
	}
	b = append(appendDigits(b, int64(year), width), '-')
	b = append(appendDigits(b, int64(month), 2), '-')
	return appendDigits(b, int64(date), 2), era
}

// appendClock writes microseconds of a day, without zeros at the fraction's end.
func appendClock(b []byte, micros int64) []byte {
	s := micros / microsPerSecond
	b = append(appendDigits(b, s/3600, 2), ':')
	b = append(appendDigits(b, s/60%60, 2), ':')
	b = appendDigits(b, s%60, 2)
	if fraction := micros % microsPerSecond; fraction > 0 {
		b = appendDigits(append(b, '.'), fraction, 6)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}
