package batch

import (
	"errors"
	"fmt"

	"eventsync/pkg/change"
)

// conversion appends values of one source type to a column of one target type, in the Native format's bytes. Values of
// another kind are NULL, or the message is not what its relation says.
type conversion struct {
	kind   change.Kind
	append func(b []byte, v *change.Value) ([]byte, error)
}

var (
	errKind = errors.New("the message holds a value of another kind than its relation says")
	// errNoConversion says that no value of the source's type fits the target's.
	errNoConversion = errors.New("there is no conversion between these types")
)

type appender = func(b []byte, v *change.Value) ([]byte, error)

// newConversion finds the conversion of a source type to a target type, and the bytes of the target type's zero value.
func newConversion(source change.Type, t *typeName) (c conversion, zero []byte, err error) {
	if source < change.TypeBool || source > change.TypeOther {
		return c, nil, fmt.Errorf("source type %d is not known: a newer producer wrote it", source)
	}
	c.kind = source.Kind()
	c.append, zero, err = targetAppender(source, t)
	return c, zero, err
}

func targetAppender(source change.Type, t *typeName) (a appender, zero []byte, err error) {
	if w, ok := integerWidths[t.base]; ok {
		return integerAppender(source, w)
	}
	switch t.base {
	case "Bool":
		return boolAppender(source)
	case "Float32", "Float64":
		return floatAppender(source, t.base)
	case "String":
		return stringAppender(source)
	case "FixedString":
		return fixedStringAppender(source, t)
	case "Enum8", "Enum16":
		return enumAppender(source, t)
	case "UUID":
		return uuidAppender(source)
	case "Decimal":
		return decimalAppender(source, t)
	case "Date", "Date32":
		return dateAppender(source, t.base)
	case "DateTime":
		return dateTimeAppender(source)
	case "DateTime64":
		return dateTime64Appender(source, t)
	default:
		return nil, nil, errNoConversion
	}
}
