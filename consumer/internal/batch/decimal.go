package batch

import (
	"errors"
	"fmt"

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
	switch {
	case source == change.TypeDecimal, isText(source):
		return func(b []byte, v *change.Value) ([]byte, error) {
			n, err := parseDecimal(v.Bytes, precision, scale)
			if err != nil {
				return b, err
			}
			return n.append(b, len(zero)), nil
		}, zero, nil
	case isInteger(source):
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

// parseDecimal reads a number and gives it at its scale, in two's complement.
func parseDecimal(text []byte, precision, scale int) (n wide, err error) {
	n, negative, err := parseMagnitude(text, precision, scale)
	if negative {
		n.negate()
	}
	return n, err
}

// parseMagnitude reads digits with an optional sign and point. Digits behind the scale must be zeros.
func parseMagnitude(text []byte, precision, scale int) (n wide, negative bool, err error) {
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
			return n, false, notDecimal(digits)
		}
		seen = true
		if point {
			if fraction == scale {
				if c != '0' {
					return n, false, fmt.Errorf("it has more than the %d digits behind the point", scale)
				}
				continue
			}
			fraction++
		}
		if significant > 0 || c != '0' {
			significant++
		}
		if significant > precision {
			return n, false, tooManyDigits(precision, scale)
		}
		if n.timesTenPlus(uint64(c - '0')) {
			return n, false, errIntegerRange
		}
	}
	if !seen {
		return n, false, errNumber
	}
	return n, negative, n.scale(significant, scale-fraction, precision, scale)
}

// scale puts the zeros that are missing behind the number.
func (n *wide) scale(significant, missing, precision, scale int) error {
	if significant > 0 && significant+missing > precision {
		return tooManyDigits(precision, scale)
	}
	for range missing {
		n.timesTenPlus(0)
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
	err = n.scale(significant, scale, precision, scale)
	if i < 0 {
		n.negate()
	}
	return n, err
}
