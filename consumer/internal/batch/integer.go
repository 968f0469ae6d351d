package batch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"eventsync/pkg/change"
)

// integerType is the size and range of a ClickHouse integer, as far as an int64 can overflow it.
type integerType struct {
	bytes    int
	min, max int64
}

var integerWidths = map[string]integerType{
	"Int8":   {1, math.MinInt8, math.MaxInt8},
	"Int16":  {2, math.MinInt16, math.MaxInt16},
	"Int32":  {4, math.MinInt32, math.MaxInt32},
	"Int64":  {8, math.MinInt64, math.MaxInt64},
	"UInt8":  {1, 0, math.MaxUint8},
	"UInt16": {2, 0, math.MaxUint16},
	"UInt32": {4, 0, math.MaxUint32},
	"UInt64": {8, 0, math.MaxInt64}, // a source integer is never greater

	"Int128":  {16, math.MinInt64, math.MaxInt64},
	"Int256":  {32, math.MinInt64, math.MaxInt64},
	"UInt128": {16, 0, math.MaxInt64},
	"UInt256": {32, 0, math.MaxInt64},
}

func (t integerType) signed() bool { return t.min < 0 }

// maxIntegerDigits is how many the greatest UInt256 has.
const maxIntegerDigits = 78

var errIntegerRange = errors.New("it is beyond the type's range")

func isInteger(t change.Type) bool {
	return t == change.TypeInt16 || t == change.TypeInt32 || t == change.TypeInt64
}

func integerAppender(source change.Type, t integerType) (appender, []byte, error) {
	zero := make([]byte, t.bytes)
	switch {
	case isInteger(source), source == change.TypeTime && t.bytes >= 8:
		return t.appender(), zero, nil
	case source == change.TypeDecimal, source == change.TypeOther:
		return t.textAppender(), zero, nil
	case source == change.TypeBool && t.bytes == 1:
		return appendBool, zero, nil
	default:
		return nil, nil, errNoConversion
	}
}

// textAppender writes numbers without a fraction.
func (t integerType) textAppender() appender {
	return func(b []byte, v *change.Value) ([]byte, error) {
		n, negative, err := parseMagnitude(v.Bytes, maxIntegerDigits, 0)
		if err != nil {
			return b, err
		}
		if !n.fits(negative, t) {
			return b, errIntegerRange
		}
		if negative {
			n.negate()
		}
		return n.append(b, t.bytes), nil
	}
}

// appender writes the low bytes of an int64 once it is known to fit: two's complement does the rest.
func (t integerType) appender() appender {
	outside := func(i int64) error { return fmt.Errorf("the range is %d to %d", t.min, t.max) }
	lo, hi := t.min, t.max
	switch t.bytes {
	case 1:
		return func(b []byte, v *change.Value) ([]byte, error) {
			i := v.Integer()
			if i < lo || i > hi {
				return b, outside(i)
			}
			return append(b, byte(i)), nil //nolint:gosec // G115: the range was checked
		}
	case 2:
		return func(b []byte, v *change.Value) ([]byte, error) {
			i := v.Integer()
			if i < lo || i > hi {
				return b, outside(i)
			}
			return binary.LittleEndian.AppendUint16(b, uint16(i)), nil //nolint:gosec // G115: the range was checked
		}
	case 4:
		return func(b []byte, v *change.Value) ([]byte, error) {
			i := v.Integer()
			if i < lo || i > hi {
				return b, outside(i)
			}
			return binary.LittleEndian.AppendUint32(b, uint32(i)), nil //nolint:gosec // G115: the range was checked
		}
	case 8:
		return func(b []byte, v *change.Value) ([]byte, error) {
			i := v.Integer()
			if i < lo || i > hi {
				return b, outside(i)
			}
			return binary.LittleEndian.AppendUint64(b, uint64(i)), nil //nolint:gosec // G115: the range was checked
		}
	default:
		return func(b []byte, v *change.Value) ([]byte, error) {
			i := v.Integer()
			if i < lo {
				return b, outside(i)
			}
			b = binary.LittleEndian.AppendUint64(b, uint64(i)) //nolint:gosec // G115: the range was checked
			for range t.bytes/8 - 1 {
				b = binary.LittleEndian.AppendUint64(b, uint64(i>>63)) //nolint:gosec // G115: the sign
			}
			return b, nil
		}
	}
}

// appendBits writes a version, whose top bit may be set.
func appendBits(b []byte, v *change.Value) ([]byte, error) {
	return binary.LittleEndian.AppendUint64(b, uint64(v.Integer())), nil //nolint:gosec // G115: the bits are kept
}

func boolAppender(source change.Type) (appender, []byte, error) {
	switch source {
	case change.TypeBool:
		return appendBool, []byte{0}, nil
	case change.TypeOther:
		return appendBoolText, []byte{0}, nil
	default:
		return nil, nil, errNoConversion
	}
}

func appendBool(b []byte, v *change.Value) ([]byte, error) {
	if v.Bool() {
		return append(b, 1), nil
	}
	return append(b, 0), nil
}

var errBool = errors.New("it is neither true nor false")

func appendBoolText(b []byte, v *change.Value) ([]byte, error) {
	switch string(v.Bytes) {
	case "t", "true":
		return append(b, 1), nil
	case "f", "false":
		return append(b, 0), nil
	default:
		return b, errBool
	}
}
