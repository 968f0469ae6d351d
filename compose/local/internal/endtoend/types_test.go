package endtoend

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/compare"
)

// typed is a type, the target's type that holds it, and values of it.
type typed struct {
	kind, target string
	// How each side's value becomes the same text; %s is the column. Empty is what PostgreSQL's output function makes of
	// it, which is not always what a cast to text does, and the text itself in ClickHouse.
	postgres, clickhouse string
	literals             []string
}

const (
	printedText   = "CASE WHEN (%s) IS DISTINCT FROM NULL THEN format('%' || 's', %s) END"
	timestampText = "to_char(%s, 'YYYY-MM-DD HH24:MI:SS.US')"
	zonedText     = "to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
	floatBits     = "('x' || encode(float%dsend(%%s), 'hex'))::bit(%d)::bigint::text"
)

// everyType are types that may be streamed in binary.
var everyType = []typed{
	{"boolean", "Bool", "%s::text", "", []string{"true", "false"}},
	{"smallint", "Int16", "", "", []string{"-32768", "32767"}},
	{"integer", "Int32", "", "", []string{"-2147483648", "2147483647"}},
	{"bigint", "Int64", "", "", []string{"-9223372036854775808", "9223372036854775807", "0"}},
	{"oid", "Int64", "", "", []string{"4294967295"}},
	{"real", "Float32", fmt.Sprintf(floatBits, 4, 32), "toString(toInt64(reinterpretAsUInt32(%s)))", []string{"1.5", "-0", "NaN", "Infinity", "-Infinity", "3.4028235e38", "1e-45"}},
	{"double precision", "Float64", fmt.Sprintf(floatBits, 8, 64), "toString(reinterpretAsInt64(%s))", []string{"0.1", "-0", "NaN", "Infinity", "-Infinity", "5e-324", "1.7976931348623157e308"}},
	{"numeric(12,3)", "Decimal(12, 3)", "", "toDecimalString(%s, 3)", []string{"0", "-123456789.125", "1.5"}},
	{"numeric(76,20)", "Decimal(76, 20)", "", "toDecimalString(%s, 20)", []string{"12345678901234567890123456789012345678901234567890.00000000000000000001"}},
	{"numeric", "String", "", "", []string{"NaN", "Infinity", "-Infinity", "1e-30", "0.00", "100000000000000000000000000000000000000000000000000.10"}},
	{"text", "String", "", "", []string{"", "ünï\ttab\nline \\ ✓", `\N`, strings.Repeat("long ", 10_000)}},
	{"varchar(5)", "LowCardinality(String)", "", "", []string{"a", ""}},
	{"char(5)", "String", "", "", []string{"a", "abcde"}},
	{"name", "String", "", "", []string{"a name"}},
	{`"char"`, "String", "", "", []string{"a", ""}},
	{"bytea", "String", "encode(%s, 'hex')", "lower(hex(%s))", []string{"", `\x00ff10`}},
	{"date", "Date32", "", "", []string{"1900-01-01", "2299-12-31", "1969-12-31"}},
	{"time", "String", "", "", []string{"00:00:00", "24:00:00", "12:00:00.000001"}},
	{"time(0)", "Int64", "(extract(epoch FROM %s) * 1000000)::bigint::text", "", []string{"12:00:01"}},
	{"timetz", "String", "", "", []string{"12:00:00+00", "12:00:00.5-03:30", "24:00:00+15:59:59"}},
	{"timestamp", "DateTime64(6, 'UTC')", timestampText, "", []string{"1900-01-01", "2299-12-31 23:59:59.999999", "1969-12-31 23:59:59.5"}},
	{"timestamptz", "DateTime64(6, 'UTC')", zonedText, "", []string{"2024-02-29 12:34:56.123456+05:30", "1900-01-01 00:00:00+00"}},
	{"interval", "String", "", "", []string{"0", "1 year -2 mons +3 days -04:05:06.7", "-1 days", "178000000 years"}},
	{"uuid", "UUID", "", "", []string{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}},
	{"json", "String", "", "", []string{`{"a" : [1, null]}`, " 1 "}},
	{"jsonb", "String", "", "", []string{`{"b": 1, "a": [true, "x\ny"]}`, "null"}},
	{"inet", "String", "", "", []string{"10.0.0.1/32", "10.0.0.1/8", "::ffff:1.2.3.4", "fe80::1/64"}},
	{"cidr", "String", "", "", []string{"10.0.0.0/8", "::/0"}},
	{"macaddr", "String", "", "", []string{"08:00:2b:01:02:03"}},
	{"macaddr8", "String", "", "", []string{"08:00:2b:01:02:03:04:05"}},
	{"int[]", "String", "", "", []string{"{}", "{1,NULL,3}", "[0:1][-2:-1]={{1,2},{3,4}}"}},
	{"text[]", "String", "", "", []string{`{"a b",NULL,"NULL","","\"\\{},"}`}},
	{"float8[]", "String", "", "", []string{"{NaN,-Infinity,1e+15,1e-05,0.1,1.8014398509481992e16}"}},
	{"timestamptz[]", "String", "", "", []string{`{infinity,"0044-03-15 01:02:03+00 BC"}`}},
	{"mood", "String", "", "", []string{"sad", "ok"}},
	{"mood", "Enum8('sad' = 1, 'ok' = 2)", "", "", []string{"sad", "ok"}},
	{"mood[]", "String", "", "", []string{"{ok,NULL,sad}"}},
	{"price", "Decimal(10, 2)", "", "toDecimalString(%s, 2)", []string{"3.1"}},
	{"dear", "Decimal(10, 2)", "", "toDecimalString(%s, 2)", []string{"100"}},
	{"numbers", "String", "", "", []string{"{1,2}"}},
	{"int4range", "String", "", "", []string{"[1,5)", "empty", "(,)"}},
	{"daterange", "String", "", "", []string{"[2024-01-01,infinity]"}},
	{"tstzrange", "String", "", "", []string{`["2024-01-01 00:00:00+00",)`}},
	{"int4multirange", "String", "", "", []string{"{}", "{[1,2),[5,)}"}},
	{"hstore", "String", "", "", []string{`"a"=>"1", "b c"=>NULL`, ""}},
	{"citext", "String", "", "", []string{"Ab"}},
	{"bit(3)", "String", "", "", []string{"101"}},
	{"varbit", "String", "", "", []string{"", "1010101010"}},
	{"xml", "String", "", "", []string{`<?xml version="1.0" encoding="UTF-8"?><a>ä</a>`, "text"}},
	{"tsvector", "String", "", "", []string{`'a':1A,2 'it''s':3C`, ""}},
	{"xid8", "String", "", "", []string{"18446744073709551615"}},
	{"jsonpath", "String", "", "", []string{"$.a[*] ? (@.b > 1)"}},
	{"point", "String", "", "", []string{"(1,-2.5)"}},
	{"box", "String", "", "", []string{"(3,4),(1,2)"}},
	{"line", "String", "", "", []string{"{1,2,3}"}},
	{"lseg", "String", "", "", []string{"[(1,2),(3,4)]"}},
	{"path", "String", "", "", []string{"[(1,2),(3,4)]", "((1,2),(3,4))"}},
	{"polygon", "String", "", "", []string{"((1,2),(3,4),(5,6))"}},
	{"circle", "String", "", "", []string{"<(1,2),3>"}},
}

// textTypes are types that have the stream in text.
var textTypes = []typed{
	{"pg_lsn", "String", "", "", []string{"16/B374D848"}},
	{"money", "String", "", "", []string{"-1234.50"}},
	{"tsquery", "String", "", "", []string{"'fat' & !( 'rat' | 'cat':*A )"}},
	{"pair", "String", "", "", []string{`(1,"a ""b""")`, "(,)"}},
	{"pair[]", "String", "", "", []string{`{"(1,\"a b\")",NULL}`}},
	{"regclass", "String", "", "", []string{"pg_class"}},
	{"pg_snapshot", "String", "", "", []string{"10:20:10,14"}},
}

const typesSQL = `CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN price AS numeric(10,2);
	CREATE DOMAIN dear AS price CHECK (VALUE > 10); CREATE DOMAIN numbers AS int[]; CREATE TYPE pair AS (a int, b text)`

// Every type that a table can hold goes through both binaries, by the snapshot and by the stream, in both formats, and
// comes out as the text that PostgreSQL has of it. What ClickHouse has no value for, infinite dates and those BC, is not
// among them; it refuses those.
func TestEveryType(t *testing.T) {
	for name, types := range map[string][]typed{"binary": everyType, "text": append(everyType[:len(everyType):len(everyType)], textTypes...)} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.start()
			f.postgres(typesSQL)
			pair := compare.Table{Source: "t", Target: "t", Versioned: true, Columns: []compare.Column{{Name: "id"}}}
			source, target, columns := "CREATE TABLE t (id bigint PRIMARY KEY", "CREATE TABLE t (id Int64", ""
			rows := 0
			for i, c := range types {
				column := fmt.Sprintf("c%d", i)
				source += fmt.Sprintf(", %s %s", column, c.kind)
				target += fmt.Sprintf(", %s %s", column, nullable(c.target))
				columns += ", " + column
				pair.Columns = append(pair.Columns, compare.Column{Name: column, Postgres: expression(c.postgres, printedText, column), ClickHouse: expression(c.clickhouse, "toString(%s)", column)})
				rows = max(rows, len(c.literals))
			}
			f.postgres(source + ")")
			f.query(target + ", _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
			for row := range rows {
				literals := ""
				for _, c := range types {
					literals += ", '" + strings.ReplaceAll(c.literals[row%len(c.literals)], "'", "''") + "'"
				}
				f.postgres(fmt.Sprintf("INSERT INTO t VALUES (%d%s)", row, literals))
			}
			f.postgres(fmt.Sprintf("INSERT INTO t (id) VALUES (%d)", rows)) // all NULL
			rows++

			f.config("  - {source: public.t, target: t}\n")
			producer := f.runProducer()
			f.runConsumer()
			f.becomesEqual("the snapshot", pair)
			producer.says("streaming", fmt.Sprintf(`"binary": %v`, name == "binary"))
			f.postgres(fmt.Sprintf("INSERT INTO t SELECT id + 100%s FROM t WHERE id < %d", columns, rows))
			f.becomesEqual("inserts", pair)
			f.postgres(fmt.Sprintf("UPDATE t SET (id%s) = (SELECT t.id%s FROM t o WHERE o.id = (t.id + 1) %% %d) WHERE id >= 100", columns, strings.ReplaceAll(columns, " c", " o.c"), rows))
			f.becomesEqual("updates", pair)
			f.postgres("UPDATE t SET c0 = NOT c0")
			f.postgres("UPDATE t SET id = -id WHERE id % 2 = 1")
			f.postgres("DELETE FROM t WHERE id IN (0, 102)")
			f.becomesEqual("updates, other keys and deletes", pair)
		})
	}
}

// expression is a text of a column.
func expression(format, otherwise, column string) string {
	if format == "" {
		format = otherwise
	}
	return strings.ReplaceAll(format, "%s", column)
}

// nullable is a type that holds NULL too.
func nullable(target string) string {
	if inner, ok := strings.CutPrefix(target, "LowCardinality("); ok {
		return "LowCardinality(Nullable(" + inner + ")"
	}
	return "Nullable(" + target + ")"
}

// becomesEqual waits until a pair of tables is equal, as text of the settings that the producer has.
func (f *fixture) becomesEqual(what string, t compare.Table) {
	f.Helper()
	pg, err := pgx.Connect(f.Context(), f.stack.Postgres.DSN())
	f.must(err)
	defer pg.Close(context.Background()) //nolint:errcheck // nothing is left to be done on it
	_, err = pg.Exec(f.Context(), "SET TimeZone = 'UTC'; SET extra_float_digits = 3")
	f.must(err)
	click, err := ch.Dial(f.Context(), ch.Options{Address: f.stack.ClickHouse.Addr()})
	f.must(err)
	var r compare.Result
	defer func() {
		if !r.Equal {
			f.Log(r.Diff)
		}
	}()
	f.eventually(what+" in both tables", func() bool {
		r, err = t.Run(f.Context(), pg, click)
		f.must(err)
		return r.Equal
	})
	f.must(errors.Join(click.Close()))
}
