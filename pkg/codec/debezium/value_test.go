package debezium

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"eventsync/pkg/change"
)

// Any text is the same text to a JSON reader.
func TestStrings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("\x00\x01\b\f\n\r\t\x1f\"\\/<é\u2028😀")), 0, 20, -1)).Draw(t, "text")
		b := appendString(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil || got != s {
			t.Fatalf("%s is read as %q: %v", b, got, err)
		}
	})
}

// A decimal's bytes are what Java's BigInteger makes of them again.
func TestDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`(0|[1-9][0-9]{0,40})`).Draw(t, "digits")
		fraction := rapid.StringMatching(`[0-9]{0,10}`).Draw(t, "fraction")
		sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
		text := sign + digits
		if fraction != "" {
			text += "." + fraction
		}
		more := rapid.IntRange(0, 3).Draw(t, "scale beyond")
		scale := len(fraction) + more
		want, _ := new(big.Int).SetString(sign+digits+fraction+strings.Repeat("0", more), 10)
		got := unscaled(t, appendDecimal(nil, []byte(text), scale))
		if got.Cmp(want) != 0 {
			t.Fatalf("%s with scale %d is %v, want %v", text, scale, got, want)
		}
		var variable struct {
			Scale int
			Value json.RawMessage
		}
		if err := json.Unmarshal(appendVariableDecimal(nil, []byte(text)), &variable); err != nil || variable.Scale != len(fraction) {
			t.Fatalf("%s: %+v, %v", text, variable, err)
		}
		want, _ = new(big.Int).SetString(sign+digits+fraction, 10)
		if got := unscaled(t, variable.Value); got.Cmp(want) != 0 {
			t.Fatalf("%s is %v, want %v", text, got, want)
		}
	})
	if got := string(appendDecimal(nil, []byte("NaN"), 2)); got != "null" {
		t.Errorf("NaN is %s", got)
	}
	if got := unscaled(t, appendDecimal(nil, []byte("-1200"), -2)); got.Int64() != -12 {
		t.Errorf("-1200 of scale -2 is %v", got)
	}
}

type fataler interface{ Fatalf(string, ...any) }

// unscaled reads two's complement, and checks that no byte of it could be left out.
func unscaled(t fataler, quoted []byte) *big.Int {
	b, err := base64.StdEncoding.DecodeString(strings.Trim(string(quoted), `"`))
	if err != nil || len(b) == 0 {
		t.Fatalf("%s: %v", quoted, err)
	}
	if len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		t.Fatalf("%x has a byte too many", b)
	}
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func TestZonedTimestamps(t *testing.T) {
	var c calendar
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(-62_135_596_800_000_000, 253_402_300_799_999_999).Draw(t, "micros") // the years 1 to 9999
		want := time.UnixMicro(micros).UTC().Format(`"2006-01-02T15:04:05.000000Z"`)
		if got := string(c.appendZonedTimestamp(nil, micros, 6)); got != want {
			t.Fatalf("%d is %s, want %s", micros, got, want)
		}
	})
}

func TestValuesFromText(t *testing.T) {
	for _, c := range []struct{ sourceType, text, want string }{
		{"interval", "1 year 2 mons 3 days 04:05:06.789", "37091106789000"},
		{"interval", "-1 mons", "-2629800000000"},
		{"interval", "-1 days +02:00:00", "-79200000000"},
		{"interval", "-00:00:00.000001", "-1"},
		{"interval", "100:00:00", "360000000000"},
		{"money", "$1,234.56", `"AeJA"`},
		{"money", "-$0.01", `"/w=="`},
		{"time with time zone", "12:34:56.789+02", `"10:34:56.789Z"`},
		{"time with time zone", "23:59:59.999999-11:30", `"11:29:59.999999Z"`},
		{"time(3) with time zone", "00:00:00+00", `"00:00:00Z"`},
		{"bit(1)", "1", "true"},
		{"bit(1)", "0", "false"},
		{"bit(8)", "10100000", `"oA=="`},
		{"bit varying(10)", "101", `"BQ=="`},
		{"bit(10)", "1000000001", `"AQI="`},
		{"point", "(1.5,2)", `{"x":1.5,"y":2.0,"wkb":"AQEAAAAAAAAAAAD4PwAAAAAAAABA","srid":null}`},
		{"integer[]", "{1,NULL,-3}", "[1,null,-3]"},
		{"integer[]", "{}", "[]"},
		{"integer[]", "[0:1]={1,2}", "[1,2]"},
		{"integer[]", "{{1,2},{3,NULL}}", "[[1,2],[3,null]]"},
		{"text[]", `{a,"b c",NULL,"q\"t","NULL",""}`, `["a","b c",null,"q\"t","NULL",""]`},
		{"boolean[]", "{t,f}", "[true,false]"},
		{"double precision[]", "{1,NaN,1e+20}", `[1.0,"NaN",1.0E20]`},
		{"numeric(6,2)[]", "{1.50,NULL}", `["AJY=",null]`},
		{"numeric[]", "{1.5}", `[{"scale":1,"value":"Dw=="}]`},
		{"date[]", "{2024-02-29,1969-12-31}", "[19782,-1]"},
		{"timestamp without time zone[]", `{"1970-01-01 00:00:01.5"}`, "[1500000]"},
		{"timestamp with time zone[]", `{"2024-02-29 12:34:56.7+00"}`, `["2024-02-29T12:34:56.700000Z"]`},
		{"bytea[]", `{"\\x00ff"}`, `["AP8="]`},
		{"int4range", "[1,5)", `"[1,5)"`},
	} {
		f := newField(0, &change.Column{Type: change.TypeOther, SourceType: c.sourceType})
		v := change.TextValue([]byte(c.text))
		if got := string(f.appendValue(nil, &v)); got != c.want {
			t.Errorf("%s %s is %s, want %s", c.sourceType, c.text, got, c.want)
		}
	}
}

func TestIntegers(t *testing.T) {
	for _, c := range []struct {
		kind       change.Type
		sourceType string
		value      int64
		want       string
	}{
		{change.TypeDate, "date", change.PositiveInfinity, "2146033979"},
		{change.TypeDate, "date", -735160, "-735160"},
		{change.TypeTime, "time(3) without time zone", 45_296_789_000, "45296789"},
		{change.TypeTime, "time without time zone", 86_400_000_000, "86400000000"},
		{change.TypeTimestamp, "timestamp(3) without time zone", -1, "-1"},
		{change.TypeTimestamp, "timestamp(3) without time zone", change.NegativeInfinity, "-9223372036832400000"},
		{change.TypeTimestamp, "timestamp without time zone", change.PositiveInfinity, strconv.FormatInt(change.PositiveInfinity, 10)},
		{change.TypeTimestampTZ, "timestamp with time zone", change.NegativeInfinity, `"-infinity"`},
		{change.TypeTimestampTZ, "timestamp(3) with time zone", 1_709_210_096_789_000, `"2024-02-29T12:34:56.789Z"`},
		{change.TypeTimestampTZ, "timestamp(0) with time zone", 1_709_210_096_000_000, `"2024-02-29T12:34:56Z"`},
	} {
		f := newField(0, &change.Column{Type: c.kind, SourceType: c.sourceType})
		v := change.IntegerValue(c.value)
		if got := string(f.appendValue(nil, &v)); got != c.want {
			t.Errorf("%s %d is %s, want %s", c.sourceType, c.value, got, c.want)
		}
	}
}

// Whatever text the source may give, what is written is JSON.
func FuzzText(f *testing.F) {
	for _, seed := range [][2]string{
		{"integer[]", "{1,NULL}"},
		{"text[]", `{"a\"b",{}}`},
		{"interval", "1 mon"},
		{"money", "$1"},
		{"point", "(1,2)"},
		{"time with time zone", "12:00:00+02"},
		{"bit varying", "01"},
		{"numeric(3,1)[]", "{NaN}"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, sourceType, text string) {
		field := newField(0, &change.Column{Type: change.TypeOther, SourceType: sourceType})
		v := change.TextValue([]byte(text))
		b := field.appendValue(nil, &v)
		if field.form != formArray && !json.Valid(b) {
			t.Errorf("%q of type %q is written as %s", text, sourceType, b)
		}
	})
}
