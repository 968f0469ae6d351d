package batch

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"eventsync/pkg/change"
)

// What is written as text is read as the same again.
func TestDatesAreReadAsTheyAreWritten(t *testing.T) {
	zone := timestampTextAppender("+00")
	rapid.Check(t, func(t *rapid.T) {
		v := change.IntegerValue(rapid.OneOf(rapid.Int64Range(-2_451_507, 2_145_031_948), rapid.SampledFrom([]int64{change.PositiveInfinity, change.NegativeInfinity})).Draw(t, "day"))
		b, err := appendDateText(nil, &v)
		if err != nil {
			t.Fatal(err)
		}
		if day, err := parseDate(b[1:]); err != nil || day != v.Integer() {
			t.Fatalf("day %d is written as %q, and read as %d, %v", v.Integer(), b[1:], day, err)
		}
		v = change.IntegerValue(rapid.Int64Range(-210_866_803_200_000_000, 9_223_371_331_200_000_000).Draw(t, "micros"))
		if b, err = zone(nil, &v); err != nil {
			t.Fatal(err)
		}
		if micros, err := parseTimestamp(b[1:]); err != nil || micros != v.Integer() {
			t.Fatalf("%d is written as %q, and read as %d, %v", v.Integer(), b[1:], micros, err)
		}
	})
}

func FuzzTimestampText(f *testing.F) {
	for _, s := range []string{"2024-02-29 12:34:56.789+00", "0044-03-15 24:00:00 BC", "infinity", "9999999-12-31T00:00:00Z", "2024-02-29 12:34:56-1", "2024-02-29 12:34:56+02:", "2024-02"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) {
		_, _ = parseTimestamp([]byte(s))
		_, _ = parseDate([]byte(s))
	})
}

// Addresses are read as the standard library reads them.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"1.2.3.4", "1.2.3.256", "01.2.3.4", "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1::2::3", "1:2:3:4:5:6:7::", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", ":::", "12345::", "fe80::1%eth0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := change.TextValue([]byte(s))
		b, err := appendIPv6(nil, &v)
		a, wrong := netip.ParseAddr(s)
		if wrong == nil && a.Zone() != "" {
			return
		}
		if a.Is4() && wrong == nil || wrong != nil && strings.Count(s, ".") == 3 {
			return // ours lets zeros stand before an octet's digits
		}
		if (err == nil) != (wrong == nil) {
			t.Fatalf("%q: %v, the library: %v", s, err, wrong)
		}
		if want := a.As16(); err == nil && !bytes.Equal(b, want[:]) {
			t.Fatalf("%q is %x, want %x", s, b, want)
		}
	})
}

// printed is an array as PostgreSQL prints it.
func printed(items []string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, s := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		if s == "\x00" {
			b.WriteString("NULL")
			continue
		}
		if s == "" || strings.ContainsAny(s, "\"\\{}, \t\n\r\v\f") || strings.EqualFold(s, "NULL") {
			s = `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(s) + `"`
		}
		b.WriteString(s)
	}
	return b.String() + "}"
}

func TestArraysAreReadAsTheyArePrinted(t *testing.T) {
	c, column := newConverted(t, change.Column{Type: change.TypeOther, SourceType: "text[]"}, "Array(Nullable(String))")
	a := column.(*array)
	rapid.Check(t, func(t *rapid.T) {
		a.reset()
		var want [][]byte
		for range rapid.IntRange(1, 3).Draw(t, "rows") {
			item := rapid.OneOf(rapid.StringOfN(rapid.RuneFrom([]rune(`a"\{}, é`)), 0, 4, -1), rapid.SampledFrom([]string{"\x00", "NULL", "null", ""}))
			items := rapid.SliceOfN(item, 0, 5).Draw(t, "items")
			row := binary.AppendUvarint(nil, uint64(len(items)))
			for _, s := range items {
				if s == "\x00" {
					row = append(row, 1)
					continue
				}
				row = append(binary.AppendUvarint(append(row, 0), uint64(len(s))), s...)
			}
			want = append(want, row)
			v := change.TextValue([]byte(printed(items)))
			if _, err := a.append(&c, &v); err != nil {
				t.Fatalf("%s: %v", v.Bytes, err)
			}
			bad := change.TextValue(v.Bytes[:len(v.Bytes)-1])
			if _, err := a.append(&c, &bad); err == nil {
				t.Fatalf("%s is taken", bad.Bytes)
			}
		}
		cells := a.cells()
		for i := range want {
			if got := cells.next(nil); !bytes.Equal(got, want[i]) {
				t.Fatalf("row %d is %x, want %x", i, got, want[i])
			}
		}
		stays := rapid.SliceOfN(rapid.Bool(), len(want), len(want)).Draw(t, "stays")
		a.keep(stays)
		want = compact(want, stays)
		cells = a.cells()
		for i := range want {
			if got := cells.next(nil); !bytes.Equal(got, want[i]) {
				t.Fatalf("kept row %d is %x, want %x", i, got, want[i])
			}
		}
	})
}

// Whatever the text, the column is well-formed, and the same as before after an error.
func FuzzArray(f *testing.F) {
	for _, s := range []string{"{}", "{1,2}", `{"a","b\"c"}`, "{{1},{2}}", "[0:1]={1,2}", "{", "{,}", `{"`, `{"\`, "{{{", "{1}}", "{NULL}", "[=", "{{}}", "{{1,2},{3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range []string{"Array(String)", "Array(Array(Nullable(Int32)))", "Array(Array(LowCardinality(String)))", "Array(Array(Array(Decimal(9, 2))))"} {
			c, column := newConverted(t, change.Column{Type: change.TypeOther, SourceType: "text[]"}, typ)
			first, v := change.TextValue([]byte("{}")), change.TextValue([]byte(s))
			if _, err := column.append(&c, &first); err != nil {
				t.Fatal(err)
			}
			before := slices.Clone(encode(column))
			grown, err := column.append(&c, &v)
			if err == nil {
				if column.Rows() != 2 || grown < 8 {
					t.Fatalf("%s: %d rows, grown by %d", typ, column.Rows(), grown)
				}
				column.truncate(1)
			}
			if typ != "Array(Array(LowCardinality(String)))" && !bytes.Equal(encode(column), before) {
				t.Fatalf("%s: not as before", typ)
			}
		}
	})
}

func TestConversionsDoNotAllocate(t *testing.T) {
	for i, c := range entries() {
		conversion, column := newConverted(t, change.Column{Type: c.source, SourceType: sourceType(i)}, c.target)
		allocations := testing.AllocsPerRun(20, func() {
			column.reset()
			for j := range c.values {
				if !strings.HasPrefix(c.want[j], "!") {
					_, _ = column.append(&conversion, &c.values[j])
				}
			}
		})
		if allocations > 0 {
			t.Errorf("%s to %s: %v allocations", sourceName(c.source), c.target, allocations)
		}
	}
}
