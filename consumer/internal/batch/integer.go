package batch

import (
	"encoding/binary"
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
}

func integerAppender(source change.Type, t integerType) (appender, []byte, error) {
	zero := make([]byte, t.bytes)
	switch source {
	case change.TypeInt16, change.TypeInt32, change.TypeInt64:
	case change.TypeTime:
		if t.bytes < 8 {
			return nil, nil, errNoConversion
		}
	case change.TypeBool:
		if t.bytes > 1 {
			return nil, nil, errNoConversion
		}
		return appendBool, zero, nil
	default:
		return nil, nil, errNoConversion
	}
	return t.appender(), zero, nil
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
	default:
		return func(b []byte, v *change.Value) ([]byte, error) {
			i := v.Integer()
			if i < lo || i > hi {
				return b, outside(i)
			}
			return binary.LittleEndian.AppendUint64(b, uint64(i)), nil //nolint:gosec // G115: the range was checked
		}
	}
}

// appendBits writes a version, whose top bit may be set.
func appendBits(b []byte, v *change.Value) ([]byte, error) {
	return binary.LittleEndian.AppendUint64(b, uint64(v.Integer())), nil //nolint:gosec // G115: the bits are kept
}

func boolAppender(source change.Type) (appender, []byte, error) {
	if source != change.TypeBool {
		return nil, nil, errNoConversion
	}
	return appendBool, []byte{0}, nil
}

func appendBool(b []byte, v *change.Value) ([]byte, error) {
	if v.Bool() {
		return append(b, 1), nil
	}
	return append(b, 0), nil
}
