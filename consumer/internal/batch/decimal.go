package batch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"eventsync/pkg/change"
)

const maxDecimalDigits = 76

var errNotFinite = errors.New("a Decimal has no NaN and no infinities")

// decimalAppender writes a number's digits as an integer of 32, 64, 128 or 256 bits, scaled by the type's scale.
func decimalAppender(source change.Type, t *typeName) (appender, []byte, error) {
	args, err := t.integers(2)
	if err != nil {
		return nil, nil, err
	}
	precision, scale := args[0], args[1]
	if precision < 1 || precision > maxDecimalDigits || scale < 0 || scale > precision {
		return nil, nil, fmt.Errorf("type %s is not understood", t.text)
	}
	zero := make([]byte, decimalBytes(precision))
	switch source {
	case change.TypeDecimal:
		return func(b []byte, v *change.Value) ([]byte, error) {
			n, err := parseDecimal(v.Bytes, precision, scale)
			if err != nil {
				return b, err
			}
			return n.append(b, len(zero)), nil
		}, zero, nil
	case change.TypeInt16, change.TypeInt32, change.TypeInt64:
		return func(b []byte, v *change.Value) ([]byte, error) {
			n, err := scaleInteger(v.Integer(), precision, scale)
			if err != nil {
				return b, err
			}
			return n.append(b, len(zero)), nil
		}, zero, nil
	default:
		return nil, nil, errNoConversion
	}
}

func decimalBytes(precision int) int {
	switch {
	case precision <= 9:
		return 4
	case precision <= 18:
		return 8
	case precision <= 38:
		return 16
	default:
		return 32
	}
}

// wide is a 256-bit integer, its lowest word first. 76 digits and a sign always fit.
type wide [4]uint64

// timesTenPlus gives n*10 + d.
func (n *wide) timesTenPlus(d uint64) {
	carry := d
	for i := range n {
		hi, lo := bits.Mul64(n[i], 10)
		var c uint64
		n[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
}

// negate gives the two's complement.
func (n *wide) negate() {
	carry := uint64(1)
	for i := range n {
		n[i], carry = bits.Add64(^n[i], 0, carry)
	}
}

// append writes the low bytes, lowest first.
func (n *wide) append(b []byte, size int) []byte {
	if size == 4 {
		return binary.LittleEndian.AppendUint32(b, uint32(n[0])) //nolint:gosec // G115: nine digits and a sign fit
	}
	for i := range size / 8 {
		b = binary.LittleEndian.AppendUint64(b, n[i])
	}
	return b
}

// parseDecimal reads digits with an optional sign and point. Digits behind the scale must be zeros.
func parseDecimal(text []byte, precision, scale int) (n wide, err error) {
	negative := false
	digits := text
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		negative, digits = digits[0] == '-', digits[1:]
	}
	significant, fraction, seen, point := 0, 0, false, false
	for _, c := range digits {
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			return n, notDecimal(digits)
		}
		seen = true
		if point {
			if fraction == scale {
				if c != '0' {
					return n, fmt.Errorf("it has more than the %d digits behind the point", scale)
				}
				continue
			}
			fraction++
		}
		if significant > 0 || c != '0' {
			significant++
		}
		if significant > precision {
			return n, tooManyDigits(precision, scale)
		}
		n.timesTenPlus(uint64(c - '0'))
	}
	if !seen {
		return n, errNumber
	}
	return n, n.finish(negative, significant, scale-fraction, precision, scale)
}

// finish brings the number to its scale and gives it its sign.
func (n *wide) finish(negative bool, significant, missing, precision, scale int) error {
	if significant > 0 && significant+missing > precision {
		return tooManyDigits(precision, scale)
	}
	for range missing {
		n.timesTenPlus(0)
	}
	if negative {
		n.negate()
	}
	return nil
}

func tooManyDigits(precision, scale int) error {
	return fmt.Errorf("it has more than the %d digits before the point", precision-scale)
}

func notDecimal(digits []byte) error {
	switch string(digits) {
	case "NaN", "Infinity":
		return errNotFinite
	default:
		return errNumber
	}
}

func scaleInteger(i int64, precision, scale int) (n wide, err error) {
	magnitude := uint64(i) //nolint:gosec // G115: negated just below
	if i < 0 {
		magnitude = -magnitude
	}
	significant := 0
	for m := magnitude; m > 0; m /= 10 {
		significant++
	}
	n[0] = magnitude
	return n, n.finish(i < 0, significant, scale, precision, scale)
}
