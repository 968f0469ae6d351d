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
	add, zero := appendDate, make([]byte, 2)
	if base == "Date32" {
		add, zero = appendDate32, make([]byte, 4)
	}
	switch {
	case source == change.TypeDate:
		return add, zero, nil
	case isText(source):
		return read(parseDate, add), zero, nil
	default:
		return nil, nil, errNoConversion
	}
}

// read appends what text says.
func read(parse func([]byte) (int64, error), add appender) appender {
	var v change.Value // of the plan, which is of one goroutine: on the stack it would escape
	return func(b []byte, text *change.Value) ([]byte, error) {
		i, err := parse(text.Bytes)
		if err != nil {
			return b, err
		}
		v = change.IntegerValue(i)
		return add(b, &v)
	}
}

// timestampAppender lets add be fed with text as well.
func timestampAppender(source change.Type, add appender, zero []byte) (appender, []byte, error) {
	switch {
	case isTimestamp(source):
		return add, zero, nil
	case isText(source):
		return read(parseTimestamp, add), zero, nil
	default:
		return nil, nil, errNoConversion
	}
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
	return timestampAppender(source, func(b []byte, v *change.Value) ([]byte, error) {
		s := floorDiv(v.Integer(), microsPerSecond)
		if s < 0 || s > math.MaxUint32 {
			return b, outside(v.Integer(), errDateTimeRange)
		}
		return binary.LittleEndian.AppendUint32(b, uint32(s)), nil
	}, make([]byte, 4))
}

func dateTime64Appender(source change.Type, t *typeName) (appender, []byte, error) {
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
	return timestampAppender(source, func(b []byte, v *change.Value) ([]byte, error) {
		i := v.Integer()
		if i < low || i > high {
			return b, outside(i, errDate32Range)
		}
		if i > math.MaxInt64/factor || i < math.MinInt64/factor {
			return b, errDateTime64Nano
		}
		return binary.LittleEndian.AppendUint64(b, uint64(floorDiv(i, divisor)*factor)), nil //nolint:gosec // G115: the bits are kept
	}, make([]byte, 8))
}

// floorDiv divides towards the past, so that half a second before 1970 does not become 1970.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
