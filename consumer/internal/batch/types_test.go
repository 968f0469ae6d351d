package batch

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

func integer(i int64) change.Value { return change.IntegerValue(i) }
func text(s string) change.Value   { return change.TextValue([]byte(s)) }
func float(f float64) change.Value { return change.FloatValue(f) }

var (
	null        = change.NullValue()
	unavailable = change.UnavailableValue()
	uuid        = change.BytesValue([]byte("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef"))
)

type matrixEntry struct {
	source change.Type
	target string
	values []change.Value
	want   []string // "!..." is a refusal that says "..."
}

// The type matrix: what each value is in ClickHouse, as its toString gives it, or why it is refused.
var matrix = []matrixEntry{
	{change.TypeBool, "Bool", []change.Value{change.BoolValue(true), change.BoolValue(false), null}, []string{"true", "false", "false"}},
	{change.TypeBool, "UInt8", []change.Value{change.BoolValue(true), change.BoolValue(false)}, []string{"1", "0"}},
	{change.TypeBool, "Nullable(Bool)", []change.Value{change.BoolValue(true), null}, []string{"true", "NULL"}},

	{change.TypeInt16, "Int8", []change.Value{integer(-128), integer(127), integer(128), integer(-129)}, []string{"-128", "127", "!-128 to 127", "!-128 to 127"}},
	{change.TypeInt16, "UInt8", []change.Value{integer(0), integer(255), integer(256), integer(-1)}, []string{"0", "255", "!0 to 255", "!0 to 255"}},
	{change.TypeInt32, "Int16", []change.Value{integer(-32768), integer(32767), integer(32768)}, []string{"-32768", "32767", "!-32768 to 32767"}},
	{change.TypeInt32, "UInt16", []change.Value{integer(65535), integer(65536)}, []string{"65535", "!0 to 65535"}},
	{change.TypeInt64, "Int32", []change.Value{integer(math.MinInt32), integer(math.MaxInt32), integer(math.MaxInt32 + 1)}, []string{"-2147483648", "2147483647", "!-2147483648 to 2147483647"}},
	{change.TypeInt64, "UInt32", []change.Value{integer(math.MaxUint32), integer(math.MaxUint32 + 1)}, []string{"4294967295", "!0 to 4294967295"}},
	{change.TypeInt64, "Int64", []change.Value{integer(math.MinInt64), integer(math.MaxInt64), null, unavailable}, []string{"-9223372036854775808", "9223372036854775807", "0", "0"}},
	{change.TypeInt64, "UInt64", []change.Value{integer(math.MaxInt64), integer(-1)}, []string{"9223372036854775807", "!0 to "}},
	{change.TypeInt64, "Nullable(UInt64)", []change.Value{integer(0), null, unavailable, integer(7)}, []string{"0", "NULL", "NULL", "7"}},
	{change.TypeInt32, "LowCardinality(UInt16)", []change.Value{integer(5), integer(0), null, integer(5)}, []string{"5", "0", "0", "5"}},
	{change.TypeInt64, "Decimal(18, 4)", []change.Value{integer(-3), integer(12345678901234), integer(123456789012345)}, []string{"-3", "12345678901234", "!14 digits"}},

	{change.TypeFloat64, "Float64", []change.Value{float(1.5), float(math.Inf(-1)), float(math.NaN()), null}, []string{"1.5", "-inf", "nan", "0"}},
	{change.TypeFloat64, "Float32", []change.Value{float(0.1), float(math.Inf(1)), float(1e300)}, []string{"0.1", "inf", "!magnitude"}},
	{change.TypeFloat32, "Float64", []change.Value{float(0.25)}, []string{"0.25"}},

	{change.TypeText, "String", []change.Value{text(""), text("Grüße"), text(strings.Repeat("x", 300)), null}, []string{"", "Grüße", strings.Repeat("x", 300), ""}},
	{change.TypeText, "Nullable(String)", []change.Value{text(""), null, text("a")}, []string{"", "NULL", "a"}},
	{change.TypeText, "LowCardinality(String)", []change.Value{text("a"), text(""), null, text("b"), text("a")}, []string{"a", "", "", "b", "a"}},
	{change.TypeText, "LowCardinality(Nullable(String))", []change.Value{text("a"), text(""), null, text("b"), text("a")}, []string{"a", "", "NULL", "b", "a"}},
	{change.TypeText, "FixedString(3)", []change.Value{text("abc"), text("a"), null, text("abcd")}, []string{"abc", "a", "", "!4 bytes"}},
	{change.TypeText, `Enum8('it\'s' = -5, 'b\\c' = 7)`, []change.Value{text("it's"), text(`b\c`), null, text("z")}, []string{"it's", `b\c`, "it's", "!not one of the Enum's 2 members"}},
	{change.TypeOther, "Enum16('a' = 1, 'b' = 1000)", []change.Value{text("b"), null}, []string{"b", "a"}},
	{change.TypeOther, "String", []change.Value{text("{1,2,NULL}"), text("192.168.0.0/16")}, []string{"{1,2,NULL}", "192.168.0.0/16"}},
	{change.TypeJSON, "String", []change.Value{text(`{"a": [1, null]}`)}, []string{`{"a": [1, null]}`}},
	{change.TypeBytes, "String", []change.Value{change.BytesValue([]byte("\xff\x00"))}, []string{"\xff\x00"}},
	{change.TypeBytes, "FixedString(2)", []change.Value{change.BytesValue([]byte("\x01\x02"))}, []string{"\x01\x02"}},

	{change.TypeUUID, "UUID", []change.Value{uuid, null, change.BytesValue([]byte("short"))}, []string{"01234567-89ab-cdef-0123-456789abcdef", "00000000-0000-0000-0000-000000000000", "!16 bytes"}},
	{change.TypeUUID, "String", []change.Value{uuid, null}, []string{"01234567-89ab-cdef-0123-456789abcdef", ""}},

	{change.TypeDecimal, "Decimal(9, 2)", []change.Value{text("-1234567.89"), text("+1.5"), text("1.50000"), text("0.005"), text("12345678"), text("NaN"), null}, []string{"-1234567.89", "1.5", "1.5", "!2 digits behind", "!7 digits before", "!NaN", "0"}},
	{change.TypeDecimal, "Decimal(18, 18)", []change.Value{text("0.000000000000000001"), text("-.5"), text("1")}, []string{"0.000000000000000001", "-0.5", "!0 digits before"}},
	{change.TypeDecimal, "Decimal(38, 10)", []change.Value{text("1234567890123456789012345678.0123456789"), text("-Infinity")}, []string{"1234567890123456789012345678.0123456789", "!NaN and no infinities"}},
	{change.TypeDecimal, "Decimal(76, 0)", []change.Value{text("-" + strings.Repeat("9", 76)), text("1" + strings.Repeat("0", 76))}, []string{"-" + strings.Repeat("9", 76), "!76 digits before"}},
	{change.TypeDecimal, "Float64", []change.Value{text("0.1"), text("NaN"), text("-Infinity"), text("1e999"), text("ten")}, []string{"0.1", "nan", "-inf", "!magnitude", "!not a number"}},
	{change.TypeDecimal, "String", []change.Value{text("1.10")}, []string{"1.10"}},

	{change.TypeDate, "Date", []change.Value{integer(0), integer(65535), integer(65536), integer(-1), null, integer(change.PositiveInfinity)}, []string{"1970-01-01", "2149-06-06", "!2149", "!1970", "1970-01-01", "!infinite"}},
	{change.TypeDate, "Date32", []change.Value{integer(firstDay), integer(lastDay), integer(lastDay + 1), integer(change.NegativeInfinity)}, []string{"1900-01-01", "2299-12-31", "!2299", "!infinite"}},
	{change.TypeTimestampTZ, "DateTime('UTC')", []change.Value{integer(1_999_999), integer(-1), integer(4_294_967_296_000_000)}, []string{"1970-01-01 00:00:01", "!1970", "!2106"}},
	{change.TypeTimestampTZ, "DateTime64(6, 'UTC')", []change.Value{integer(1_700_000_000_123_456), integer(-1), integer(firstDay * secondsPerDay * microsPerSecond), integer((lastDay+1)*secondsPerDay*microsPerSecond - 1), integer((lastDay + 1) * secondsPerDay * microsPerSecond), integer(change.PositiveInfinity)}, []string{"2023-11-14 22:13:20.123456", "1969-12-31 23:59:59.999999", "1900-01-01 00:00:00.000000", "2299-12-31 23:59:59.999999", "!2299", "!infinite"}},
	{change.TypeTimestamp, "DateTime64(3, 'UTC')", []change.Value{integer(1_999), integer(-1)}, []string{"1970-01-01 00:00:00.001", "1969-12-31 23:59:59.999"}},
	{change.TypeTimestamp, "DateTime64(9, 'UTC')", []change.Value{integer(1_999), integer(math.MaxInt64 / 1000), integer(math.MaxInt64/1000 + 1)}, []string{"1970-01-01 00:00:00.001999000", "2262-04-11 23:47:16.854775000", "!64 bits"}},
	{change.TypeTimestamp, "DateTime64(0, 'UTC')", []change.Value{integer(1_999_999)}, []string{"1970-01-01 00:00:01"}},
	{change.TypeTime, "String", []change.Value{integer(0), integer(47_045_000_006), integer(86_400_000_000), null, integer(-1)}, []string{"00:00:00", "13:04:05.000006", "24:00:00", "", "!24:00:00"}},
	{change.TypeTime, "Int64", []change.Value{integer(86_400_000_000)}, []string{"86400000000"}},
}

// Those whose text says what they are: the source's own, an array's elements, JSON without a schema.
var textMatrix = []matrixEntry{
	{change.TypeInt64, "Int128", []change.Value{integer(math.MinInt64), integer(5), null}, []string{"-9223372036854775808", "5", "0"}},
	{change.TypeInt64, "UInt256", []change.Value{integer(math.MaxInt64), integer(-1)}, []string{"9223372036854775807", "!0 to"}},
	{change.TypeInt32, "Float32", []change.Value{integer(1 << 24), integer(-7), integer(1<<24 + 1)}, []string{"16777216", "-7", "!digits"}},
	{change.TypeInt64, "Float64", []change.Value{integer(1 << 53), integer(1<<53 + 1)}, []string{"9007199254740992", "!digits"}},
	{change.TypeDecimal, "UInt64", []change.Value{text("18446744073709551615"), text("12.000"), text("18446744073709551616"), text("-1"), text("1.5"), text("NaN")}, []string{"18446744073709551615", "12", "!range", "!range", "!0 digits behind", "!NaN"}},
	{change.TypeDecimal, "Int8", []change.Value{text("-128"), text("127"), text("-129"), text("128"), text("-0")}, []string{"-128", "127", "!range", "!range", "0"}},
	{change.TypeDecimal, "Int128", []change.Value{text("-170141183460469231731687303715884105728"), text("170141183460469231731687303715884105728")}, []string{"-170141183460469231731687303715884105728", "!range"}},
	{change.TypeDecimal, "UInt128", []change.Value{text("340282366920938463463374607431768211455"), text("340282366920938463463374607431768211456")}, []string{"340282366920938463463374607431768211455", "!range"}},
	{change.TypeDecimal, "Int256", []change.Value{text("-57896044618658097711785492504343953926634992332820282019728792003956564819968"), text("57896044618658097711785492504343953926634992332820282019728792003956564819968")}, []string{"-57896044618658097711785492504343953926634992332820282019728792003956564819968", "!range"}},
	{change.TypeDecimal, "UInt256", []change.Value{text("115792089237316195423570985008687907853269984665640564039457584007913129639935"), text("115792089237316195423570985008687907853269984665640564039457584007913129639936"), text("999999999999999999999999999999999999999999999999999999999999999999999999999999")}, []string{"115792089237316195423570985008687907853269984665640564039457584007913129639935", "!range", "!range"}},
	{change.TypeDecimal, "Decimal(9, 0)", []change.Value{text("999999999")}, []string{"999999999"}},

	{change.TypeDate, "String", []change.Value{integer(19782), integer(change.PositiveInfinity), integer(-735_160), null, integer(2_932_897)}, []string{"2024-02-29", "infinity", "0044-03-15 BC", "", "10000-01-01"}},
	{change.TypeTimestamp, "String", []change.Value{integer(1_709_210_096_789_000), integer(change.NegativeInfinity), integer(-1), integer(0)}, []string{"2024-02-29 12:34:56.789", "-infinity", "1969-12-31 23:59:59.999999", "1970-01-01 00:00:00"}},
	{change.TypeTimestampTZ, "LowCardinality(String)", []change.Value{integer(1_709_210_096_000_001)}, []string{"2024-02-29 12:34:56.000001+00"}},
	{change.TypeText, "Date32", []change.Value{text("2024-02-29"), text("infinity"), text("0044-03-13 BC"), text("2023-02-29"), text("today")}, []string{"2024-02-29", "!infinite", "!1900", "!no date", "!no date"}},
	{change.TypeText, "DateTime64(6, 'UTC')", []change.Value{text("2024-02-29T12:34:56.789012Z"), text("2024-02-29 12:34:56.789+02:30"), text("2024-02-29 24:00:00"), text("-infinity"), text("290000-01-01 00:00:00+00"), text("2024-02-29 12:34:56.1234567"), text("2024-02-29")}, []string{"2024-02-29 12:34:56.789012", "2024-02-29 10:04:56.789000", "2024-03-01 00:00:00.000000", "!infinite", "!2299", "!6 digits", "!no timestamp"}},
	{change.TypeText, "DateTime('UTC')", []change.Value{text("2024-02-29 12:34:56.9-00:30")}, []string{"2024-02-29 13:04:56"}},
	{change.TypeText, "UUID", []change.Value{text("01234567-89ab-cdef-0123-456789ABCDEF"), text("0123456789abcdef0123456789abcdef"), null}, []string{"01234567-89ab-cdef-0123-456789abcdef", "!32 hexadecimal", "00000000-0000-0000-0000-000000000000"}},
	{change.TypeText, "Decimal(18, 2)", []change.Value{text("-1.50"), text("1.505"), text("a")}, []string{"-1.5", "!2 digits", "!not a number"}},
	{change.TypeOther, "UInt64", []change.Value{text("18446744073709551615"), text("x")}, []string{"18446744073709551615", "!not a number"}},
	{change.TypeOther, "String", []change.Value{text("1 year -2 mons +3 days -04:05:06.7"), text("12:34:56+02"), text("[1,5)")}, []string{"1 year -2 mons +3 days -04:05:06.7", "12:34:56+02", "[1,5)"}},
	{change.TypeOther, "IPv4", []change.Value{text("192.0.2.255"), text("10.0.0.0/8"), text("::1"), text("1.2.3.256"), null}, []string{"192.0.2.255", "!network", "!no address", "!no address", "0.0.0.0"}},
	{change.TypeOther, "IPv6", []change.Value{text("2001:db8::ff00:42:8329"), text("::"), text("192.0.2.1"), text("1::2::3"), text("2001:db8::/32")}, []string{"2001:db8::ff00:42:8329", "::", "::ffff:192.0.2.1", "!no address", "!network"}},
	{change.TypeOther, "Nullable(IPv4)", []change.Value{text("1.2.3.4"), null}, []string{"1.2.3.4", "NULL"}},
	{change.TypeUnknown, "UInt64", []change.Value{null, text("5")}, []string{"0", "!another kind"}},
	{change.TypeUnknown, "Array(Nullable(DateTime))", []change.Value{null, text("{}")}, []string{"[]", "!another kind"}},

	{change.TypeJSON, "JSON", []change.Value{text(`{"a": {"b": [1, 2]}, "c": "x"}`), text(" {}"), null, text("[1]"), text("null")}, []string{`{"a":{"b":[1,2]},"c":"x"}`, "{}", "{}", "!objects", "!objects"}},
}

// Arrays, by the source's name of their elements' type.
var arrayMatrix = []struct {
	element, target string
	values          []change.Value
	want            []string
}{
	{"integer", "Array(Int32)", []change.Value{text("{1,-2,3}"), text("{}"), null, text("{1,NULL}"), text("[0:1]={7,8}"), text("{5000000000}"), text("{{1}}"), text("{1,}"), text("{1"), text("{1}x"), text("1")}, []string{"[1,-2,3]", "[]", "[]", "[1,0]", "[7,8]", "!range", "!dimensions", "!no array", "!no array", "!no array", "!no array"}},
	{"bigint", "Array(Nullable(Int64))", []change.Value{text("{1,NULL,3}")}, []string{"[1,NULL,3]"}},
	{"text", "Array(String)", []change.Value{text(`{a,"b c","q\"\\",NULL,"NULL",""}`), text(`{"\"`), text(`{a"}`)}, []string{`['a','b c','q"\\','','NULL','']`, "!no array", `['a"']`}},
	{"text", "Array(LowCardinality(String))", []change.Value{text(`{a,b,a}`), text("{}"), text("{b}")}, []string{"['a','b','a']", "[]", "['b']"}},
	{"text", "Array(LowCardinality(String))", []change.Value{text(`{}`), null}, []string{"[]", "[]"}}, // no element at all
	{"text", "Array(LowCardinality(Nullable(String)))", []change.Value{text(`{a,NULL,a}`)}, []string{"['a',NULL,'a']"}},
	{"integer", "Array(Array(Int32))", []change.Value{text("{{1,2},{3,4}}"), text("{}"), text("{1}"), text("{{1,2},{x}}"), text("{{5}}")}, []string{"[[1,2],[3,4]]", "[]", "!dimensions", "!not a number", "[[5]]"}},
	{"boolean", "Array(Bool)", []change.Value{text("{t,f}"), text("{x}")}, []string{"[true,false]", "!neither"}},
	{"double precision", "Array(Float64)", []change.Value{text("{1.5,NaN,-Infinity}")}, []string{"[1.5,nan,-inf]"}},
	{"numeric", "Array(Decimal(18, 2))", []change.Value{text("{1.50,-0.01}"), text("{1.505}")}, []string{"[1.5,-0.01]", "!2 digits"}},
	{"uuid", "Array(UUID)", []change.Value{text("{01234567-89ab-cdef-0123-456789abcdef}")}, []string{"['01234567-89ab-cdef-0123-456789abcdef']"}},
	{"date", "Array(Date32)", []change.Value{text("{2024-02-29}"), text("{infinity}")}, []string{"['2024-02-29']", "!infinite"}},
	{"timestamp with time zone", "Array(DateTime64(6, 'UTC'))", []change.Value{text(`{"2024-02-29 12:34:56.5+00"}`)}, []string{"['2024-02-29 12:34:56.500000']"}},
	{"bytea", "Array(String)", []change.Value{text(`{"\\x00ff",NULL}`), text(`{abc}`)}, []string{"['\\0\xff','']", "!bytea"}},
	{"inet", "Array(IPv6)", []change.Value{text("{::1,10.0.0.1}")}, []string{"['::1','::ffff:10.0.0.1']"}},
	{"box", "Array(String)", []change.Value{text("{(1,1),(0,0);(2,2),(1,1)}")}, []string{"['(1,1),(0,0)','(2,2),(1,1)']"}},
	{"mood", "Array(Enum8('happy' = 1, 'sad' = 2))", []change.Value{text("{sad,happy}"), text("{angry}")}, []string{"['sad','happy']", "!members"}},
}

// entries gives all of it.
func entries() (all []matrixEntry) {
	all = append(append(all, matrix...), textMatrix...)
	for _, a := range arrayMatrix {
		all = append(all, matrixEntry{change.TypeOther, a.target, a.values, a.want})
	}
	return all
}

// sourceType is what the source calls an entry's type.
func sourceType(entry int) string {
	if at := entry - len(matrix) - len(textMatrix); at >= 0 {
		return arrayMatrix[at].element + "[]"
	}
	return "its type"
}

func TestTypesOnTheEngine(t *testing.T) {
	client := newEngine(t).client
	for i, c := range entries() {
		t.Run(sourceName(c.source)+" to "+c.target, func(t *testing.T) {
			e := &engine{t, client}
			table := fmt.Sprintf("types_%d", i)
			relation := &change.Relation{Schema: "public", Table: "types", Columns: []change.Column{
				{Name: "n", Type: change.TypeInt32, SourceType: "integer", Key: true},
				{Name: "c", Type: c.source, SourceType: sourceType(i)},
			}}
			b := e.target(table, "n Int32, c "+c.target, "MergeTree ORDER BY n").NewBatch(e)
			var want []string
			for j, v := range c.values {
				m := codec.Message{Change: change.Change{Relation: relation, Op: change.Insert, Position: change.Position{Commit: 1}, Values: []change.Value{integer(int64(j)), v}}}
				added, err := b.Append(&m)
				reason, refused := strings.CutPrefix(c.want[j], "!")
				if !refused {
					want = append(want, c.want[j])
				}
				var r *RefusedError
				if refused && (!errors.As(err, &r) || !strings.Contains(r.Reason, reason)) || !refused && err != nil || added == refused {
					t.Fatalf("value %d: added %v, error %v, want %q", j, added, err, c.want[j])
				}
			}
			if err := b.Insert(t.Context(), "t"); err != nil {
				t.Fatal(err)
			}
			if got := e.strings("SELECT CAST(ifNull(toString(c), 'NULL') AS String) AS s FROM " + table + " ORDER BY n"); !slices.Equal(got, want) {
				t.Errorf("ClickHouse has %q, want %q", got, want)
			}
		})
	}
}

func TestTypesThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		source change.Type
		target string
	}{
		{change.TypeText, "UInt64"},
		{change.TypeInt64, "String"},
		{change.TypeInt64, "Bool"},
		{change.TypeBool, "UInt64"},
		{change.TypeFloat64, "Int64"},
		{change.TypeFloat64, "Decimal(18, 4)"},
		{change.TypeTimestampTZ, "Date"},
		{change.TypeDate, "DateTime"},
		{change.TypeTime, "Int32"},
		{change.TypeText, "JSON"},
		{change.TypeOther, "Array(Int32)"},
		{change.TypeUUID, "FixedString(16)"},
		{change.TypeText, "Array(String)"},
		{change.TypeOther, "Array(String)"}, // no array of the source's
		{change.TypeText, "Nullable(JSON)"},
		{change.TypeInt64, "IPv4"},
		{change.TypeText, "Tuple(a Int8)"},
		{99, "String"},
	} {
		relation := &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{{Name: "c", Type: c.source, SourceType: "its type"}}}
		b := target(t, "target", "MergeTree", []TargetColumn{{"c", c.target, ""}}).NewBatch(&kept{})
		_, err := b.Append(&codec.Message{Change: change.Change{Relation: relation, Op: change.Insert, Values: []change.Value{null}}})
		var e *RefusedError
		if !errors.As(err, &e) {
			t.Errorf("%d to %s: error %v, want it refused", c.source, c.target, err)
			continue
		}
		for _, part := range []string{"public.t", "column c", "its type", "table target", c.target} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%d to %s: %v does not name %q", c.source, c.target, err, part)
			}
		}
		if e.Remedy == "" {
			t.Errorf("%d to %s: no remedy", c.source, c.target)
		}
	}
}
