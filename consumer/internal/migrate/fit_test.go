package migrate

import (
	"testing"

	"eventsync/pkg/change"
)

func TestWidened(t *testing.T) {
	numeric := func(p uint32, s int32) change.Column {
		return change.Column{Type: change.TypeDecimal, Precision: p, Scale: s}
	}
	of := func(t change.Type) change.Column { return change.Column{Type: t} }
	for _, c := range []struct {
		source change.Column
		have   string
		fit    fit
		want   string
	}{
		{of(change.TypeInt64), "Int64", fits, ""},
		{of(change.TypeInt16), "Int64", fits, ""},
		{of(change.TypeInt64), "Int32", tooSmall, "Int64"},
		{of(change.TypeInt32), "Nullable(Int16)", tooSmall, "Nullable(Int32)"},
		{of(change.TypeInt64), "LowCardinality(Nullable(Int8))", tooSmall, "LowCardinality(Nullable(Int64))"},
		{of(change.TypeInt64), "UInt8", fits, ""},
		{of(change.TypeInt64), "Decimal(18, 0)", tooSmall, "Decimal(19, 0)"},
		{of(change.TypeInt32), "Decimal(18, 4)", fits, ""},
		{of(change.TypeInt64), "Decimal(18, 4)", tooSmall, "Decimal(23, 4)"},
		{of(change.TypeInt32), "String", foreign, ""},
		{of(change.TypeFloat64), "Nullable(Float32)", tooSmall, "Nullable(Float64)"},
		{of(change.TypeFloat64), "Int32", foreign, ""},
		{numeric(12, 2), "Decimal(12, 2)", fits, ""},
		{numeric(12, 2), "Decimal(18, 4)", fits, ""},
		{numeric(14, 4), "Decimal(12, 2)", tooSmall, "Decimal(14, 4)"},
		{numeric(12, 4), "Decimal(12, 2)", tooSmall, "Decimal(14, 4)"},
		{numeric(20, 0), "Nullable(Int64)", foreign, "Nullable(Decimal(20, 0))"},
		{numeric(6, 2), "Int64", foreign, "Decimal(21, 2)"},
		{numeric(76, 40), "Decimal(76, 2)", tooSmall, ""},
		{numeric(0, 0), "Decimal(12, 2)", fits, ""},
		{numeric(0, 0), "Int32", foreign, ""},
		{numeric(1000, 2), "String", fits, ""},
		{of(change.TypeText), "Int32", foreign, ""},
		{of(change.TypeText), "Nullable(UUID)", foreign, "Nullable(String)"},
		{of(change.TypeText), "DateTime64(6, 'UTC')", foreign, ""},
		{of(change.TypeText), "Enum8('a' = 1)", fits, ""},
		{of(change.TypeTimestamp), "Nullable(Date32)", foreign, ""},
		{of(change.TypeTimestampTZ), "Date32", foreign, ""},
		{of(change.TypeTimestamp), "DateTime", fits, ""},
		{of(change.TypeTimestamp), "String", fits, ""},
		{of(change.TypeDate), "LowCardinality(String)", fits, ""},
		{of(change.TypeUnknown), "Nullable(UInt64)", fits, ""},
		{of(change.TypeInt64), "UInt256", fits, ""},
		{of(change.TypeInt64), "Int128", fits, ""},
		{numeric(20, 0), "UInt64", fits, ""},
		{numeric(30, 0), "Int128", fits, ""},
		{of(change.TypeJSON), "JSON", fits, ""},
		{of(change.TypeText), "IPv6", fits, ""},
		{change.Column{Type: change.TypeText, SourceType: change.Inferred}, "DateTime64(6, 'UTC')", fits, ""},
		{change.Column{Type: change.TypeText, SourceType: change.Inferred}, "Nullable(Decimal(18, 2))", fits, ""},
		{change.Column{Type: change.TypeText, SourceType: change.Inferred}, "UInt64", foreign, ""},
		{change.Column{Type: change.TypeOther, SourceType: "integer[]"}, "Array(Int32)", fits, ""},
		{change.Column{Type: change.TypeOther, SourceType: "int4range"}, "Array(Int32)", foreign, ""},
		{change.Column{Type: change.TypeOther, SourceType: "inet"}, "Nullable(IPv4)", fits, ""},
		{of(99), "String", foreign, ""},
	} {
		typ := parseType(c.have)
		if got := fitOf(&c.source, typ); got != c.fit {
			t.Errorf("type %d in %s: fit %d, want %d", c.source.Type, c.have, got, c.fit)
		}
		if got := widened(&c.source, typ); c.fit != fits && got != c.want {
			t.Errorf("type %d in %s: widened to %q, want %q", c.source.Type, c.have, got, c.want)
		}
	}
}

// What is created holds all values of its source. What a column is widened to does as well, and those that the column
// held before.
func TestCreatedFits(t *testing.T) {
	for kind := change.TypeBool; kind <= change.TypeOther; kind++ {
		for _, key := range []bool{false, true} {
			c := change.Column{Type: kind, Key: key, Precision: 20, Scale: 3}
			if got := fitOf(&c, parseType(created(&c))); got != fits {
				t.Errorf("type %d is created as %s, fit %d", kind, created(&c), got)
			}
			for _, have := range []string{"Int8", "Int32", "UInt16", "Float32", "Decimal(9, 2)", "Date32", "UUID", "Bool"} {
				w := widened(&c, parseType(have))
				if w == "" {
					continue
				}
				if fitOf(&c, parseType(w)) != fits {
					t.Errorf("type %d: %s is widened to %s, which is too small", kind, have, w)
				}
				for old := change.TypeBool; old <= change.TypeOther; old++ {
					c := change.Column{Type: old, Precision: 9, Scale: 2}
					if fitOf(&c, parseType(have)) == fits && fitOf(&c, parseType(w)) != fits && old != change.TypeBool {
						t.Errorf("%s, which held type %d, is widened to %s, which does not", have, old, w)
					}
				}
			}
		}
	}
}
