package batch

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// typeName is a ClickHouse type, taken apart as far as a conversion needs it.
type typeName struct {
	text           string // all of it, as the server wrote it
	inner          string // without LowCardinality and Nullable
	lowCardinality bool
	nullable       bool
	base           string    // "Decimal"
	arguments      string    // "18, 4"
	element        *typeName // of an Array
}

// parseType reads a type as system.columns has it.
func parseType(text string) (*typeName, error) {
	t := &typeName{text: text, inner: text}
	if inner, ok := unwrap(t.inner, "LowCardinality"); ok {
		t.lowCardinality, t.inner = true, inner
	}
	if inner, ok := unwrap(t.inner, "Nullable"); ok {
		t.nullable, t.inner = true, inner
	}
	t.base = t.inner
	if base, rest, ok := strings.Cut(t.inner, "("); ok {
		if !strings.HasSuffix(rest, ")") {
			return nil, fmt.Errorf("type %q is not understood", text)
		}
		t.base, t.arguments = base, strings.TrimSuffix(rest, ")")
	}
	if t.base == "Array" {
		var err error
		if t.element, err = parseType(t.arguments); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func unwrap(text, wrapper string) (inner string, ok bool) {
	inner, ok = strings.CutPrefix(text, wrapper+"(")
	if !ok || !strings.HasSuffix(inner, ")") {
		return text, false
	}
	return strings.TrimSuffix(inner, ")"), true
}

func (t *typeName) columnType() proto.ColumnType { return proto.ColumnType(t.text) }

// plainType is the type without LowCardinality.
func (t *typeName) plainType() proto.ColumnType {
	switch {
	case t.element != nil:
		return "Array(" + t.element.plainType() + ")"
	case t.nullable:
		return proto.ColumnType("Nullable(" + t.inner + ")")
	default:
		return proto.ColumnType(t.inner)
	}
}

// variable reports whether values have lengths of their own.
func (t *typeName) variable() bool { return t.base == "String" || t.base == jsonType }

// integers reads arguments that are all numbers.
func (t *typeName) integers(n int) ([]int, error) {
	parts := strings.Split(t.arguments, ",")
	if len(parts) != n {
		return nil, fmt.Errorf("type %s: %d arguments expected", t.text, n)
	}
	numbers := make([]int, n)
	for i, p := range parts {
		var err error
		if numbers[i], err = strconv.Atoi(strings.TrimSpace(p)); err != nil {
			return nil, fmt.Errorf("type %s: %w", t.text, err)
		}
	}
	return numbers, nil
}

var errEnum = errors.New("the Enum's members are not understood")

// enum reads the members of an Enum: 'a' = 1, 'b' = 2, with \ before a quote or a backslash.
func (t *typeName) enum() (map[string]int16, error) {
	members := map[string]int16{}
	rest := t.arguments
	for {
		name, after, err := quoted(strings.TrimLeft(rest, " "))
		if err != nil {
			return nil, err
		}
		after, ok := strings.CutPrefix(after, " = ")
		if !ok {
			return nil, errEnum
		}
		number, next, more := strings.Cut(after, ",")
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 16)
		if err != nil {
			return nil, errEnum
		}
		members[name] = int16(n)
		if !more {
			return members, nil
		}
		rest = next
	}
}

func quoted(s string) (text, rest string, err error) {
	if s == "" || s[0] != '\'' {
		return "", "", errEnum
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\'':
			return b.String(), s[i+1:], nil
		case '\\':
			if i++; i == len(s) {
				return "", "", errEnum
			}
			b.WriteByte(unescaped(s[i]))
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", errEnum
}

func unescaped(c byte) byte {
	if i := strings.IndexByte("bfrnt0av", c); i >= 0 {
		return "\b\f\r\n\t\x00\a\v"[i]
	}
	return c
}
