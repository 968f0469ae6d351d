package batch

import (
	"maps"
	"reflect"
	"testing"

	"eventsync/pkg/change"
)

func TestParseType(t *testing.T) {
	for text, want := range map[string]typeName{
		"UInt64":                           {inner: "UInt64", base: "UInt64"},
		"Nullable(Decimal(18, 4))":         {inner: "Decimal(18, 4)", base: "Decimal", arguments: "18, 4", nullable: true},
		"LowCardinality(Nullable(String))": {inner: "String", base: "String", nullable: true, lowCardinality: true},
		"DateTime64(6, 'UTC')":             {inner: "DateTime64(6, 'UTC')", base: "DateTime64", arguments: "6, 'UTC'"},
		"Array(Nullable(Int8))":            {inner: "Array(Nullable(Int8))", base: "Array", arguments: "Nullable(Int8)", element: &typeName{text: "Nullable(Int8)", inner: "Int8", base: "Int8", nullable: true}},
	} {
		want.text = text
		if got, err := parseType(text); err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%s: %+v, error %v, want %+v", text, got, err, want)
		}
	}
	if _, err := parseType("Decimal(18"); err == nil {
		t.Error("an open parenthesis is understood")
	}
}

func TestParseEnum(t *testing.T) {
	typ, err := parseType(`Enum8('a' = 1, 'it\'s, = 2' = -2, '\\' = 3)`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := typ.enum()
	if want := map[string]int16{"a": 1, "it's, = 2": -2, `\`: 3}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, error %v, want %v", got, err, want)
	}
}

func FuzzParseType(f *testing.F) {
	for _, s := range []string{"", "(", ")", "Enum8('", `Enum8('\`, "Enum8('a' = 1,", "Enum8('a' = 1, )", "LowCardinality()", "Nullable(Nullable(Int8))", "Decimal(1, 2, 3)"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		typ, err := parseType(text)
		if err != nil {
			return
		}
		// Whatever the server says, the answer is a conversion or an error.
		for source := change.TypeUnknown; source <= change.TypeOther; source++ {
			_, _ = newConversion(&change.Column{Type: source, SourceType: "text[]"}, typ)
		}
		_, _ = typ.enum()
	})
}
