package batch

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What goes over the wire, for each entry of the type matrix. The other tests say that ClickHouse understands it; this
// one says that it stays so without one.
func TestGoldenColumns(t *testing.T) {
	var dump strings.Builder
	for i, c := range entries() {
		conversion, column := newConverted(t, change.Column{Type: c.source, SourceType: sourceType(i)}, c.target)
		for i := range c.values {
			if strings.HasPrefix(c.want[i], "!") {
				continue
			}
			if _, err := column.append(&conversion, &c.values[i]); err != nil {
				t.Fatal(err)
			}
		}
		fmt.Fprintf(&dump, "%s to %s: %q\n%s\n", sourceName(c.source), c.target, c.want, hex.Dump(encode(column)))
	}
	path := filepath.Join("testdata", "columns.hex")
	if *update {
		if err := os.WriteFile(path, []byte(dump.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for entry := range strings.SplitSeq(dump.String(), "\n\n") {
		if !strings.Contains(string(want), entry) {
			t.Errorf("the bytes are not those of %s any more (if they should not be, -update):\n%s", path, entry)
		}
	}
}

// newConverted makes a column and a conversion to it.
func newConverted(tb testing.TB, source change.Column, target string) (conversion, column) {
	tb.Helper()
	typ, err := parseType(target)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := newConversion(&source, typ)
	if err != nil {
		tb.Fatal(err)
	}
	return c, newColumn(typ, &c)
}

func encode(c column) []byte {
	var b proto.Buffer
	if s, ok := c.(proto.StateEncoder); ok {
		s.EncodeState(&b)
	}
	c.EncodeColumn(&b)
	return b.Buf
}

// The other way to write a column gives the same bytes.
func TestWriteColumn(t *testing.T) {
	for _, text := range []string{"String", "Nullable(String)", "LowCardinality(String)"} {
		conversion, column := newConverted(t, change.Column{Type: change.TypeText}, text)
		for _, s := range []string{"a", "bc", "a"} {
			v := change.TextValue([]byte(s))
			if _, err := column.append(&conversion, &v); err != nil {
				t.Fatal(err)
			}
		}
		var direct, written proto.Buffer
		column.EncodeColumn(&direct)
		var out writes
		w := proto.NewWriter(&out, &written)
		column.WriteColumn(w)
		if _, err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if string(out) != string(direct.Buf) {
			t.Errorf("%s: written %x, encoded %x", text, out, direct.Buf)
		}
	}
}

type writes []byte

func (w *writes) Write(b []byte) (int, error) {
	*w = append(*w, b...)
	return len(b), nil
}

func sourceName(t change.Type) string {
	return [...]string{
		change.TypeBool: "bool", change.TypeInt16: "int16", change.TypeInt32: "int32", change.TypeInt64: "int64",
		change.TypeFloat32: "float32", change.TypeFloat64: "float64", change.TypeText: "text", change.TypeBytes: "bytes",
		change.TypeUUID: "uuid", change.TypeJSON: "json", change.TypeDecimal: "decimal", change.TypeDate: "date",
		change.TypeTime: "time", change.TypeTimestamp: "timestamp", change.TypeTimestampTZ: "timestamptz", change.TypeOther: "other", change.TypeUnknown: "unknown",
	}[t]
}
