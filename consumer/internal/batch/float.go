package batch

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"

	"eventsync/pkg/change"
)

var (
	errFloatRange  = errors.New("its magnitude is beyond the type")
	errFloatDigits = errors.New("the type has no room for so many digits")
	errNumber      = errors.New("it is not a number")
)

func floatAppender(source change.Type, base string) (appender, []byte, error) {
	bits, add := 64, appendFloat64
	if base == "Float32" {
		bits, add = 32, appendFloat32
	}
	zero := make([]byte, bits/8)
	switch source {
	case change.TypeFloat32, change.TypeFloat64:
		return func(b []byte, v *change.Value) ([]byte, error) { return add(b, v.Float()) }, zero, nil
	case change.TypeInt16, change.TypeInt32, change.TypeInt64:
		digits := 53 // that a float has room for, in bits
		if bits == 32 {
			digits = 24
		}
		return func(b []byte, v *change.Value) ([]byte, error) {
			i := v.Integer()
			if i > 1<<digits || i < -1<<digits {
				return b, errFloatDigits
			}
			return add(b, float64(i))
		}, zero, nil
	case change.TypeDecimal, change.TypeOther, change.TypeText:
		return func(b []byte, v *change.Value) ([]byte, error) {
			f, err := strconv.ParseFloat(string(v.Bytes), bits)
			if errors.Is(err, strconv.ErrRange) {
				return b, errFloatRange
			}
			if err != nil {
				return b, errNumber
			}
			return add(b, f)
		}, zero, nil
	default:
		return nil, nil, errNoConversion
	}
}

func appendFloat64(b []byte, f float64) ([]byte, error) {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f)), nil
}

func appendFloat32(b []byte, f float64) ([]byte, error) {
	g := float32(f)
	if math.IsInf(float64(g), 0) && !math.IsInf(f, 0) {
		return b, errFloatRange
	}
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(g)), nil
}
