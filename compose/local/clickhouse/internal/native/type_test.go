package native

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	sized := func(n int) *Type { return &Type{shape: fixed, size: n} }
	for name, want := range map[string]*Type{
		"UInt8":                                 sized(1),
		"DateTime64(6, 'Europe/Vienna')":        sized(8),
		"Enum8('a, (b' = 1, 'c\\'' = 2)":        sized(1),
		"FixedString(7)":                        sized(7),
		"Decimal(9, 4)":                         sized(4),
		"Decimal(10, 4)":                        sized(8),
		"Decimal(38, 10)":                       sized(16),
		"Decimal(76)":                           sized(32),
		"IntervalDay":                           sized(8),
		"String":                                {shape: text},
		"JSON(max_dynamic_paths=8, a.b UInt32)": {shape: jsonText},
		"Tuple()":                               {shape: tuple},
		"Tuple(UInt8, String)":                  {shape: tuple, args: []*Type{sized(1), {shape: text}}},
		"Tuple(`a b)` UInt8, c Array(String))":  {shape: tuple, args: []*Type{sized(1), {shape: array, args: []*Type{{shape: text}}}}},
		"Map(String, UInt64)":                   {shape: array, args: []*Type{{shape: tuple, args: []*Type{{shape: text}, sized(8)}}}},
		"Nested(a UInt8, b UInt16)":             {shape: array, args: []*Type{{shape: tuple, args: []*Type{sized(1), sized(2)}}}},
		"LowCardinality(Nullable(String))":      {shape: lowCardinality, args: []*Type{{shape: nullable, args: []*Type{{shape: text}}}}},
		"SimpleAggregateFunction(sum, UInt64)":  sized(8),
		"Ring":                                  {shape: array, args: []*Type{{shape: tuple, args: []*Type{sized(8), sized(8)}}}},
	} {
		got, err := Parse(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !same(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

func same(a, b *Type) bool {
	if a.shape != b.shape || a.size != b.size || len(a.args) != len(b.args) {
		return false
	}
	for i := range a.args {
		if !same(a.args[i], b.args[i]) {
			return false
		}
	}
	return true
}

func TestParseRefuses(t *testing.T) {
	for _, name := range []string{
		"", "Strin", "Array", "Array()", "Array(UInt8", "Array(UInt8, UInt8)", "Nullable(Nope)", "FixedString(0)",
		"FixedString(-4)", "FixedString(99999999999)", "FixedString(x)", "Decimal", "Decimal()", "Decimal(77)", "Decimal(x, 1)",
		"Map()", "SimpleAggregateFunction(sum)", "AggregateFunction(sum, UInt64)", "Variant(UInt8, String)", "Dynamic",
		"Tuple(a)", strings.Repeat("Array(", 1000) + "UInt8" + strings.Repeat(")", 1000),
	} {
		if got, err := Parse(name); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%.40s: got %+v, %v", name, got, err)
		}
	}
}
