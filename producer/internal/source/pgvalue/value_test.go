package pgvalue

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/change"
)

// read asks the server for a value in one format.
func read(t rapid.TB, c *pgconn.PgConn, sql string, format int16) []byte {
	t.Helper()
	return readFormat(t, c, sql, int(format))
}

func readFormat(t rapid.TB, c *pgconn.PgConn, sql string, format int) []byte {
	t.Helper()
	r := c.ExecParams(context.Background(), sql, nil, nil, nil, []int16{int16(format)}).Read()
	if r.Err != nil {
		t.Fatalf("%s: %v", sql, r.Err)
	}
	return r.Rows[0][0]
}

func same(a, b change.Value) bool {
	return a.Kind == b.Kind && a.Integer() == b.Integer() && bytes.Equal(a.Bytes, b.Bytes)
}

var values = []struct {
	oid      uint32
	literals []string
}{
	{16, []string{"true", "false"}},
	{17, []string{"", `\x00ff10`, "abc"}},
	{18, []string{"a", "", `\377`}},
	{19, []string{"a name", ""}},
	{20, []string{"0", "-1", "9223372036854775807", "-9223372036854775808"}},
	{21, []string{"0", "-32768", "32767"}},
	{23, []string{"0", "-2147483648", "2147483647"}},
	{25, []string{"", "ünïcödé ✓", "tab\tnewline\nbackslash\\"}},
	{26, []string{"0", "4294967295"}},
	{114, []string{`{"a": [1, null]}`, "null", " 1 "}},
	{700, []string{"0", "-0", "1.5", "3.4028235e38", "1e-45", "NaN", "Infinity", "-Infinity", "0.1"}},
	{701, []string{"0", "-0", "0.1", "1.7976931348623157e308", "5e-324", "NaN", "Infinity", "-Infinity"}},
	{1042, []string{"padded  ", ""}},
	{1043, []string{"varying", ""}},
	{1082, []string{
		"1970-01-01", "2000-02-29", "1900-03-01", "0001-01-01", "0001-12-31 BC", "4713-01-01 BC", "4713-11-24 BC", "0044-03-15 BC",
		"5874897-12-31", "infinity", "-infinity",
	}},
	{1083, []string{"00:00:00", "23:59:59.999999", "24:00:00", "12:00:00.5", "01:02:03.000001"}},
	{1114, []string{
		"1970-01-01 00:00:00", "1969-12-31 23:59:59.999999", "2024-02-29 12:34:56.123456", "0044-03-15 01:02:03.4 BC",
		"4713-01-01 00:00:00 BC", "294246-12-31 23:59:59.999999", "infinity", "-infinity",
	}},
	{1184, []string{
		"1970-01-01 00:00:00+00", "2024-02-29 12:34:56.1+05:30", "0044-03-15 01:02:03 BC", "1880-01-01 00:00:00+00:19:32", "infinity", "-infinity",
	}},
	{1700, []string{
		"0", "0.00", "1", "-1", "10000", "100000000", "12345678901234567890.123456789", "0.0001", "0.00001", "-0.5", "1e-30", "1e30", "1.10",
		"9999.9999", "10000.0001", "NaN", "Infinity", "-Infinity", "123e-5", "1000000000000000000000000000000000000000000000000000.5",
	}},
	{2950, []string{"00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}},
	{27, []string{"(0,1)", "(4294967295,65535)"}},
	{28, []string{"0", "4294967295"}},
	{142, []string{"<a>b</a>", ""}},
	{600, []string{"(1,-2.5)"}},
	{601, []string{"[(1,2),(3,4)]"}},
	{602, []string{"[(1,2),(3,4)]", "((1,2),(3,4))"}},
	{603, []string{"(3,4),(1,2)"}},
	{604, []string{"((1,2),(3,4),(5,6))"}},
	{628, []string{"{1,2,3}"}},
	{650, []string{"10.0.0.0/8", "::/0", "2001:db8::/32"}},
	{718, []string{"<(1,2),3>"}},
	{774, []string{"08:00:2b:01:02:03:04:05"}},
	{829, []string{"08:00:2b:01:02:03"}},
	{869, []string{"10.0.0.1", "10.0.0.1/8", "::1", "::ffff:1.2.3.4", "fe80::1/64", "::1.2.3.4"}},
	{1186, []string{"0", "1 year 2 mons", "-1 mons +3 days -04:05:06.7", "00:00:00.000001", "-1 days +1:00", "178000000 years", "1 day"}},
	{1266, []string{"12:00:00+00", "12:00:00.5-03:30", "24:00:00+05:30:15"}},
	{1560, []string{"1", ""}},
	{1562, []string{"10101010101", ""}},
	{3614, []string{`'a':1A 'b c':2,3B 'it''s\\'`, ""}},
	{4072, []string{"$.a[*]"}},
	{5069, []string{"18446744073709551615"}},
	{3802, []string{`{"b": 1, "a": [true, "x\ny"]}`, "null", `"s"`}},
}

func TestFormatsAgree(t *testing.T) {
	c := connect(t)
	seen := map[uint32]bool{}
	for _, v := range values {
		seen[v.oid] = true
		typ, name, ok := Builtin(v.oid)
		if !ok {
			t.Fatalf("OID %d is not known", v.oid)
		}
		for _, literal := range v.literals {
			agree(t, c, typ, name, literal)
		}
	}
	for oid, b := range builtins {
		if !seen[oid] {
			t.Errorf("no values of %s are tried", b.name)
		}
		if name := read(t, c, fmt.Sprintf("SELECT format_type(%d, -1)", oid), 0); string(name) != b.name {
			t.Errorf("the server calls OID %d %s, we %s", oid, name, b.name)
		}
	}
}

// agree reads a value in both formats, compares them, and has the server compare what is rendered of them.
func agree(t rapid.TB, c *pgconn.PgConn, typ Type, name, literal string) {
	t.Helper()
	var d Decoder
	sql := fmt.Sprintf("SELECT %s::%s", quote(literal), name)
	text := read(t, c, sql, 0)
	fromText, err := d.Text(typ, bytes.Clone(text))
	if err != nil {
		t.Fatalf("%s: text %q: %v", sql, text, err)
	}
	fromBinary, err := d.Binary(typ, read(t, c, sql, 1))
	if err != nil {
		t.Fatalf("%s: binary: %v", sql, err)
	}
	if !same(fromText, fromBinary) {
		t.Fatalf("%s: text gives %+v (%s), binary %+v (%s)", sql, fromText, fromText.Bytes, fromBinary, fromBinary.Bytes)
	}
	if fromText.Kind != typ.Change().Kind() {
		t.Fatalf("%s: a value of kind %d in a column of type %d", sql, fromText.Kind, typ.Change())
	}
	rendered := AppendText(nil, typ.Change(), &fromBinary)
	again := read(t, c, fmt.Sprintf("SELECT (%s::%s)::text", quote(string(rendered)), name), 0)
	if want := read(t, c, fmt.Sprintf("SELECT (%s::%s)::text", quote(literal), name), 0); !bytes.Equal(again, want) {
		t.Fatalf("%s: rendered as %q, which the server reads as %q, not %q", sql, rendered, again, want)
	}
}

func quote(s string) string {
	return "E'" + strings.NewReplacer(`\`, `\\`, "'", "\\'").Replace(s) + "'"
}

func TestFormatsAgreeOnAnything(t *testing.T) {
	c := connect(t)
	numeric, numericName, _ := Builtin(1700)
	timestamp, timestampName, _ := Builtin(1114)
	date, dateName, _ := Builtin(1082)
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.StringMatching(`-?[0-9]{1,40}`).Draw(t, "whole")
		fraction := rapid.StringMatching(`(\.[0-9]{1,30})?`).Draw(t, "fraction")
		agree(t, c, numeric, numericName, whole+fraction)
		year := rapid.IntRange(1, 294_246).Draw(t, "year")
		day := fmt.Sprintf("%04d-%02d-%02d", year, rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"))
		if year < 4713 && rapid.Bool().Draw(t, "bc") {
			day += " BC"
		}
		agree(t, c, date, dateName, day)
		clock := rapid.StringMatching(`([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?`).Draw(t, "time")
		day, bc := strings.CutSuffix(day, " BC")
		at := day + " " + clock
		if bc {
			at += " BC"
		}
		agree(t, c, timestamp, timestampName, at)
	})
}

// The last years that the server knows are more microseconds away than fit.
func TestFarFuture(t *testing.T) {
	c := connect(t)
	typ, _, _ := Builtin(1114)
	var d Decoder
	for format, read := range []func(b []byte) (change.Value, error){
		func(b []byte) (change.Value, error) { return d.Text(typ, b) },
		func(b []byte) (change.Value, error) { return d.Binary(typ, b) },
	} {
		b := readFormat(t, c, "SELECT '294276-12-31 23:59:59'::timestamp", format)
		if v, err := read(b); err != nil || v.Integer() != change.PositiveInfinity-1 {
			t.Errorf("format %d: %v, %v", format, v.Integer(), err)
		}
	}
}

func TestNumericModifier(t *testing.T) {
	c := connect(t)
	for _, want := range []struct {
		precision uint32
		scale     int32
	}{{12, 2}, {1000, 0}, {5, 5}, {3, -2}, {2, 1000}} {
		if want.scale < 0 && postgrestest.Server(t).Version() < 15 {
			continue
		}
		r := c.Exec(t.Context(), fmt.Sprintf("DROP TABLE IF EXISTS m; CREATE TABLE m (n numeric(%d,%d)); SELECT atttypmod FROM pg_attribute WHERE attrelid = 'm'::regclass AND attname = 'n'", want.precision, want.scale))
		results, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var modifier int32
		if _, err := fmt.Sscan(string(results[2].Rows[0][0]), &modifier); err != nil {
			t.Fatal(err)
		}
		if precision, scale := NumericModifier(modifier); precision != want.precision || scale != want.scale {
			t.Errorf("numeric(%d,%d) is read as (%d,%d)", want.precision, want.scale, precision, scale)
		}
	}
	if precision, scale := NumericModifier(-1); precision != 0 || scale != 0 {
		t.Errorf("no modifier is read as (%d,%d)", precision, scale)
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("2024-01-02 03:04:05.6+07:08 BC"))
	f.Add([]byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 1})
	f.Add([]byte("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var d Decoder
		for _, typ := range everyType() {
			if v, err := d.Binary(typ, b); err == nil {
				AppendText(nil, typ.Change(), &v)
			}
			if v, err := d.Text(typ, b); err == nil {
				AppendText(nil, typ.Change(), &v)
			}
		}
	})
}

func BenchmarkNumeric(b *testing.B) {
	var d Decoder
	typ, _, _ := Builtin(NumericOID)
	numeric := []byte{0, 3, 0, 1, 0, 0, 0, 2, 0, 12, 13, 0, 0, 100}
	for b.Loop() {
		d.Reset()
		if _, err := d.Binary(typ, numeric); err != nil {
			b.Fatal(err)
		}
	}
}
