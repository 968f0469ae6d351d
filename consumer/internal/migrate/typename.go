package migrate

import (
	"strconv"
	"strings"
)

// typeName is a ClickHouse type, taken apart as far as a comparison needs it.
type typeName struct {
	nullable       bool
	lowCardinality bool
	base           string // "Decimal"
	arguments      string // "18, 4"
}

func parseType(text string) typeName {
	var t typeName
	if inner, ok := unwrap(text, "LowCardinality"); ok {
		t.lowCardinality, text = true, inner
	}
	if inner, ok := unwrap(text, "Nullable"); ok {
		t.nullable, text = true, inner
	}
	t.base = text
	if base, rest, ok := strings.Cut(text, "("); ok {
		t.base, t.arguments = base, strings.TrimSuffix(rest, ")")
	}
	return t
}

func unwrap(text, wrapper string) (inner string, ok bool) {
	inner, ok = strings.CutPrefix(text, wrapper+"(")
	return strings.TrimSuffix(inner, ")"), ok
}

// with is the same type over another base: Nullable stays Nullable.
func (t typeName) with(inner string) string {
	if t.nullable {
		inner = "Nullable(" + inner + ")"
	}
	if t.lowCardinality {
		inner = "LowCardinality(" + inner + ")"
	}
	return inner
}

// decimal gives the digits of a Decimal, before and behind the point.
func (t typeName) decimal() (before, behind int, ok bool) {
	if t.base != "Decimal" {
		return 0, 0, false
	}
	p, s, _ := strings.Cut(t.arguments, ",")
	precision, err := strconv.Atoi(strings.TrimSpace(p))
	scale, err2 := strconv.Atoi(strings.TrimSpace(s))
	return precision - scale, scale, err == nil && err2 == nil
}
