package batch

import (
	"errors"
	"fmt"
	"strings"

	"eventsync/pkg/change"
)

// conversion appends values of one source type to a column of one target type, in the Native format's bytes. Values of
// another kind are NULL, or the message is not what its relation says.
type conversion struct {
	kind    change.Kind
	append  appender
	zero    []byte      // stands for NULL
	element *conversion // of an array's elements
	between byte        // an array's elements
}

type appender = func(b []byte, v *change.Value) ([]byte, error)

var (
	errKind = errors.New("the message holds a value of another kind than its relation says")
	// errNoConversion says that no value of the source's type fits the target's.
	errNoConversion = errors.New("there is no conversion between these types")
)

// noKind is the kind of no value.
const noKind change.Kind = 0

// newConversion finds the conversion of a source column to a target type.
func newConversion(c *change.Column, t *typeName) (conversion, error) {
	switch {
	case c.Type > change.TypeOther:
		return conversion{}, fmt.Errorf("source type %d is not known: a newer producer wrote it", c.Type)
	case t.element != nil:
		return arrayConversion(c, t)
	case c.Type == change.TypeUnknown:
		_, zero, err := targetAppender(change.TypeOther, t) // which every type can be read from
		return conversion{kind: noKind, zero: zero}, err
	}
	add, zero, err := targetAppender(c.Type, t)
	return conversion{kind: c.Type.Kind(), append: add, zero: zero}, err
}

// arrayConversion goes by the elements' text, as the source prints an array: {1,NULL,"a b"}.
func arrayConversion(c *change.Column, t *typeName) (conversion, error) {
	element, isArray := strings.CutSuffix(c.SourceType, "[]")
	switch {
	case t.nullable || t.lowCardinality,
		c.Type != change.TypeUnknown && (c.Type != change.TypeOther || !isArray):
		return conversion{}, errNoConversion
	}
	source := change.Column{Type: change.TypeOther, SourceType: element}
	if t.element.element != nil {
		source.SourceType = c.SourceType
	}
	of, err := newConversion(&source, t.element)
	if err == nil && element == "bytea" && t.element.element == nil {
		of.append, err = hexAppender(t.element, of.append)
	}
	a := conversion{kind: c.Type.Kind(), element: &of, between: ','}
	switch {
	case c.Type == change.TypeUnknown:
		a.kind = noKind
	case element == "box":
		a.between = ';'
	}
	return a, err
}

// isText reports whether a type's values are text that other types can be read from.
func isText(t change.Type) bool { return t == change.TypeText || t == change.TypeOther }

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
	case "IPv4", "IPv6":
		return addressAppender(source, t.base)
	case "Decimal":
		return decimalAppender(source, t)
	case "Date", "Date32":
		return dateAppender(source, t.base)
	case "DateTime":
		return dateTimeAppender(source)
	case "DateTime64":
		return dateTime64Appender(source, t)
	case jsonType:
		return jsonAppender(source, t)
	default:
		return nil, nil, errNoConversion
	}
}
