package debezium

import (
	"strconv"
	"strings"

	"eventsync/pkg/change"
)

// form is how a value is written.
type form uint8

const (
	formText form = iota
	formBool
	formInteger
	formFloat32
	formFloat64
	formBytes
	formUUID
	formDecimal         // bytes of the unscaled number; the scale is the column's
	formVariableDecimal // with the scale beside it
	formMoney
	formDate
	formMicroTime
	formTime // in milliseconds
	formZonedTime
	formMicroTimestamp
	formTimestamp // in milliseconds
	formZonedTimestamp
	formInterval
	formBit
	formBits
	formPoint
	formArray
	formRaw // any JSON, kept as it is: only read
)

var forms = map[change.Type]form{
	change.TypeBool: formBool, change.TypeInt16: formInteger, change.TypeInt32: formInteger, change.TypeInt64: formInteger,
	change.TypeFloat32: formFloat32, change.TypeFloat64: formFloat64, change.TypeBytes: formBytes, change.TypeUUID: formUUID,
	change.TypeDecimal: formVariableDecimal, change.TypeDate: formDate,
	change.TypeTime: formMicroTime, change.TypeTimestamp: formMicroTimestamp, change.TypeTimestampTZ: formZonedTimestamp,
}

func newField(index int, c *change.Column) field {
	f := field{index: index, form: forms[c.Type]}
	name, digits := splitType(c.SourceType)
	switch {
	case c.Type == change.TypeOther:
		f.form, f.scale = otherForm(name, digits)
		if element, ok := strings.CutSuffix(c.SourceType, "[]"); ok {
			f.form = formArray
			f.items, f.scale = elementForm(element)
		}
	case f.form == formVariableDecimal && c.Precision > 0:
		f.form, f.scale = formDecimal, int(c.Scale)
	case f.form == formMicroTime && digits >= 0 && digits <= 3:
		f.form = formTime
	case f.form == formMicroTimestamp && digits >= 0 && digits <= 3:
		f.form = formTimestamp
	case f.form == formZonedTimestamp:
		f.scale = 6
		if digits >= 0 {
			f.scale = digits
		}
	}
	return f
}

// splitType takes the first modifier out of a type's name; it is -1 where there is none.
func splitType(source string) (name string, modifier int) {
	before, rest, ok := strings.Cut(source, "(")
	inside, after, closed := strings.Cut(rest, ")")
	first, _, _ := strings.Cut(inside, ",")
	n, err := strconv.Atoi(first)
	if !ok || !closed || err != nil {
		return source, -1
	}
	return before + after, n
}

// otherForm is that of types whose values are the source's text.
func otherForm(name string, digits int) (form, int) {
	switch name {
	case "time with time zone":
		return formZonedTime, 0
	case "interval":
		return formInterval, 0
	case "money":
		return formMoney, 2
	case "point":
		return formPoint, 0
	case "bit":
		if digits == 1 {
			return formBit, 1
		}
		return formBits, digits
	case "bit varying":
		return formBits, digits
	default:
		return formText, 0
	}
}

// elementForm is that of an array's elements.
func elementForm(source string) (form, int) {
	name, modifier := splitType(source)
	switch name {
	case "boolean":
		return formBool, 0
	case "smallint", "integer", "bigint", "oid":
		return formInteger, 0
	case "real":
		return formFloat32, 0
	case "double precision":
		return formFloat64, 0
	case "bytea":
		return formBytes, 0
	case "numeric":
		if modifier < 0 {
			return formVariableDecimal, 0
		}
		_, scale, _ := strings.Cut(strings.TrimSuffix(source, ")"), ",")
		n, _ := strconv.Atoi(scale)
		return formDecimal, n
	case "date":
		return formDate, 0
	case "timestamp without time zone":
		return formMicroTimestamp, 0
	case "timestamp with time zone":
		return formZonedTimestamp, 6
	default:
		return formText, 0
	}
}
