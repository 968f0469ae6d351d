package batch

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"pgregory.net/rapid"

	"eventsync/pkg/change"
)

func newTextDictionary(tb testing.TB) (*dictionary, conversion) {
	tb.Helper()
	c, column := newConverted(tb, change.Column{Type: change.TypeText}, "LowCardinality(String)")
	return column.(*dictionary), c
}

// decoded reads what a dictionary has encoded, as ch-go does.
func decoded(t interface{ Fatal(...any) }, d *dictionary) []string {
	var b proto.Buffer
	d.EncodeState(&b)
	d.EncodeColumn(&b)
	c := new(proto.ColStr).LowCardinality()
	r := proto.NewReader(bytes.NewReader(b.Buf))
	if err := c.DecodeState(r); err != nil {
		t.Fatal(err)
	}
	if err := c.DecodeColumn(r, d.Rows()); err != nil {
		t.Fatal(err)
	}
	return c.Values
}

func TestDictionaryKeepsValues(t *testing.T) {
	d, c := newTextDictionary(t)
	rapid.Check(t, func(t *rapid.T) {
		d.reset()
		var want []string
		for range rapid.IntRange(1, 3).Draw(t, "blocks") {
			few := rapid.SliceOfN(rapid.String(), 1, 8).Draw(t, "few")
			for range rapid.IntRange(0, 60).Draw(t, "rows") {
				s := rapid.OneOf(rapid.SampledFrom(few), rapid.String()).Draw(t, "value")
				v := change.TextValue([]byte(s))
				if _, err := d.append(&c, &v); err != nil {
					t.Fatal(err)
				}
				if rapid.IntRange(0, 9).Draw(t, "take back") == 0 {
					d.truncate(d.Rows() - 1)
					continue
				}
				want = append(want, s)
			}
		}
		if len(want) == 0 {
			return
		}
		if got := decoded(t, d); !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

// The references to values get wider as there are more of them.
func TestDictionaryWidths(t *testing.T) {
	for _, n := range []int{1, 254, 255, 256, 257, 65_534, 65_535, 65_536, 65_537} {
		d, c := newTextDictionary(t)
		want := make([]string, n)
		for i := range want {
			want[i] = fmt.Sprint("value ", i)
			v := change.TextValue([]byte(want[i]))
			if _, err := d.append(&c, &v); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(decoded(t, d), want) {
			t.Errorf("%d values are not the same again", n)
		}
		for _, s := range want {
			v := change.TextValue([]byte(s))
			if _, err := d.append(&c, &v); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(d.values.ends); got != n+1 {
			t.Errorf("%d values twice are %d in the dictionary, want each once and the zero value", n, got)
		}
	}
}

func BenchmarkLowCardinality(b *testing.B) {
	values := make([]change.Value, 1000)
	for i := range values {
		values[i] = change.TextValue(fmt.Appendf(nil, "DesignManagement::Design%d", i%20))
	}
	b.Run("ours", func(b *testing.B) {
		d, c := newTextDictionary(b)
		var buffer proto.Buffer
		b.ReportAllocs()
		for b.Loop() {
			for range 100 {
				for i := range values {
					if _, err := d.append(&c, &values[i]); err != nil {
						b.Fatal(err)
					}
				}
			}
			buffer.Reset()
			d.EncodeColumn(&buffer)
			d.reset()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/row")
	})
	b.Run("ch-go", func(b *testing.B) {
		c := new(proto.ColStr).LowCardinality()
		var buffer proto.Buffer
		b.ReportAllocs()
		for b.Loop() {
			for range 100 {
				for i := range values {
					c.Append(string(values[i].Bytes))
				}
			}
			buffer.Reset()
			if err := c.Prepare(); err != nil {
				b.Fatal(err)
			}
			c.EncodeColumn(&buffer)
			c.Reset()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/row")
	})
}
