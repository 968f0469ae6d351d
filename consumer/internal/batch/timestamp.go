package batch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"eventsync/pkg/change"
)

const (
	microsPerSecond = 1_000_000
	secondsPerDay   = 86_400
	// ClickHouse's Date32 and DateTime64 reach from 1900-01-01 to 2299-12-31.
	firstDay = -25_567
	lastDay  = 120_529
)

var (
	errInfinity       = errors.New("ClickHouse has no infinite dates")
	errDateRange      = errors.New("the range is 1970-01-01 to 2149-06-06")
	errDate32Range    = errors.New("the range is 1900-01-01 to 2299-12-31")
	errDateTimeRange  = errors.New("the range is 1970-01-01 00:00:00 to 2106-02-07 06:28:15 UTC")
	errDateTime64Nano = errors.New("with a precision of more than 6 digits the range ends where its 64 bits do")
)

func isInfinite(i int64) bool { return i == change.PositiveInfinity || i == change.NegativeInfinity }

func dateAppender(source change.Type, base string) (appender, []byte, error) {
	if source != change.TypeDate {
		return nil, nil, errNoConversion
	}
	if base == "Date" {
		return appendDate, make([]byte, 2), nil
	}
	return appendDate32, make([]byte, 4), nil
}

func appendDate(b []byte, v *change.Value) ([]byte, error) {
	d := v.Integer()
	if d < 0 || d > math.MaxUint16 {
		return b, outside(d, errDateRange)
	}
	return binary.LittleEndian.AppendUint16(b, uint16(d)), nil
}

func appendDate32(b []byte, v *change.Value) ([]byte, error) {
	d := v.Integer()
	if d < firstDay || d > lastDay {
		return b, outside(d, errDate32Range)
	}
	return binary.LittleEndian.AppendUint32(b, uint32(d)), nil //nolint:gosec // G115: the range was checked
}

func outside(i int64, err error) error {
	if isInfinite(i) {
		return errInfinity
	}
	return err
}

func isTimestamp(t change.Type) bool { return t == change.TypeTimestamp || t == change.TypeTimestampTZ }

func dateTimeAppender(source change.Type) (appender, []byte, error) {
	if !isTimestamp(source) {
		return nil, nil, errNoConversion
	}
	return func(b []byte, v *change.Value) ([]byte, error) {
		s := floorDiv(v.Integer(), microsPerSecond)
		if s < 0 || s > math.MaxUint32 {
			return b, outside(v.Integer(), errDateTimeRange)
		}
		return binary.LittleEndian.AppendUint32(b, uint32(s)), nil
	}, make([]byte, 4), nil
}

func dateTime64Appender(source change.Type, t *typeName) (appender, []byte, error) {
	if !isTimestamp(source) {
		return nil, nil, errNoConversion
	}
	var precision int
	if _, err := fmt.Sscanf(t.arguments, "%d", &precision); err != nil || precision < 0 || precision > 9 {
		return nil, nil, fmt.Errorf("the precision of %s is not understood", t.text)
	}
	divisor, factor := int64(1), int64(1)
	for p := precision; p < 6; p++ {
		divisor *= 10
	}
	for p := precision; p > 6; p-- {
		factor *= 10
	}
	const low, high = firstDay * secondsPerDay * microsPerSecond, (lastDay+1)*secondsPerDay*microsPerSecond - 1
	return func(b []byte, v *change.Value) ([]byte, error) {
		i := v.Integer()
		if i < low || i > high {
			return b, outside(i, errDate32Range)
		}
		if i > math.MaxInt64/factor || i < math.MinInt64/factor {
			return b, errDateTime64Nano
		}
		return binary.LittleEndian.AppendUint64(b, uint64(floorDiv(i, divisor)*factor)), nil //nolint:gosec // G115: the bits are kept
	}, make([]byte, 8), nil
}

// floorDiv divides towards the past, so that half a second before 1970 does not become 1970.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

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
