package replication

import (
	"fmt"
	"strings"
	"testing"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// typed are columns of all sorts of types, and a row's values.
var typed = []struct {
	kind    string
	literal string
	other   bool // kept as the server prints it
}{
	{"boolean", "true", false},
	{"smallint", "-3", false},
	{"integer", "70000", false},
	{"bigint", "-9223372036854775808", false},
	{"oid", "4294967295", false},
	{"real", "1.5", false},
	{"double precision", "-0.1", false},
	{"numeric(12,3)", "1234.500", false},
	{"numeric", "NaN", false},
	{"text", "a b", false},
	{"character varying(40)", "v", false},
	{"character(5)", "ccccc", false},
	{"name", "n", false},
	{`"char"`, "x", false},
	{"bytea", `\x00ff`, false},
	{"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", false},
	{"json", `{"a":1}`, false},
	{"jsonb", `{"a": 1}`, false},
	{"date", "2024-02-29", false},
	{"time without time zone", "12:00:00", false},
	{"timestamp(3) without time zone", "2024-02-29 12:00:00", false},
	{"timestamp with time zone", "2024-02-29 12:00:00+00", false},
	{"public.mood", "ok", false},
	{"public.price", "3.10", false},
	{"public.citext", "Ab", false},
	{"integer[]", "[0:1][2:3]={{1,NULL},{3,4}}", true},
	{"text[]", `{"a b",NULL,"NULL","\"\\"}`, true},
	{"public.mood[]", "{ok,sad}", true},
	{"public.price[]", "{3.1,NULL}", true},
	{"public.numbers", "{1,2}", true},
	{"interval", "1 year -2 days +00:00:00.5", true},
	{"inet", "10.0.0.1/8", true},
	{"cidr", "2001:db8::/32", true},
	{"macaddr", "08:00:2b:01:02:03", true},
	{"time with time zone", "12:00:00-03:30", true},
	{"bit(3)", "101", true},
	{"bit varying", "10101", true},
	{"xml", "<a>b</a>", true},
	{"int4range", "[1,5)", true},
	{"tstzrange", "[2024-01-01 00:00+00,infinity)", true},
	{"int4multirange", "{[1,2),[5,9)}", true},
	{"public.spread", "[0.5,1.5)", true},
	{"public.hstore", `"a"=>"1", "b c"=>NULL`, true},
	{"tsvector", "'fat':2A 'rat':3", true},
	{"point", "(1,-2.5)", true},
	{"box[]", "{(3,4),(1,2);(1,1),(0,0)}", true},
}

// textOnly are columns of which only the text format is read.
var textOnly = []struct{ kind, literal string }{
	{"pg_lsn", "16/B374D848"},
	{"money", "1234.50"},
	{"tsquery", "'fat' & !'rat'"},
	{"public.pair", `(1,"a b")`},
	{"public.pair[]", `{"(1,\"a b\")",NULL}`},
	{"public.pair_domain", `(,x)`},
	{"regclass", "pg_class"},
	{"pg_lsn[]", "{0/1}"},
}

const typesSQL = `DO $$ BEGIN CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE TYPE mood AS ENUM ('sad', 'ok');
	CREATE DOMAIN price AS numeric(10,2); CREATE DOMAIN numbers AS int[]; CREATE TYPE spread AS RANGE (subtype = float8);
	CREATE TYPE pair AS (a int, b text); CREATE DOMAIN pair_domain AS pair;
	EXCEPTION WHEN duplicate_object THEN END $$`

// createTyped makes a table of all those types and one row.
func createTyped(db *database, table string, text bool) (insert string) {
	db.exec(typesSQL)
	var columns, literals []string
	add := func(kind, literal string) {
		columns = append(columns, fmt.Sprintf("c%d %s", len(columns), kind))
		literals = append(literals, source.QuoteLiteral(literal))
	}
	for _, c := range typed {
		add(c.kind, c.literal)
	}
	if text {
		for _, c := range textOnly {
			add(c.kind, c.literal)
		}
	}
	db.exec("CREATE TABLE " + table + " (id int PRIMARY KEY, " + strings.Join(columns, ", ") + ")")
	return "INSERT INTO " + table + " VALUES (1, " + strings.Join(literals, ", ") + ")"
}

// Every type, in binary and, since there is a type in the table that is not, in text.
func TestValues(t *testing.T) {
	for _, text := range []bool{false, true} {
		t.Run(fmt.Sprintf("text=%v", text), func(t *testing.T) {
			db := newDatabase(t)
			insert := createTyped(db, "v", text)
			cfg := db.config("public.v")
			replicator := (*Replicator)(nil)
			r := start(t, cfg, &recorder{}, noRows{}, func(r *Replicator) { replicator = r })
			db.waitStreaming(cfg.Slot)
			db.exec(insert)
			eventually(t, "published", func() bool { return len(r.all()) == 1 })
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
			if binary := replicator.catalog.binary; binary == text {
				t.Errorf("the stream is in binary: %v", binary)
			}
			db.exec("SET timezone = 'UTC'; SET intervalstyle = 'postgres'; SET extra_float_digits = 3")
			rel := r.relations[0]
			for i, got := range r.all()[0].values {
				column := rel.Columns[i]
				var want string
				db.scan(&want, fmt.Sprintf("SELECT (%s)::text FROM v", column.Name))
				if column.Type == change.TypeUUID {
					want = strings.ReplaceAll(want, "-", "")
				}
				if got != want {
					t.Errorf("%s %s is %q, want %q", column.Name, column.SourceType, got, want)
				}
				if i > 0 && i <= len(typed) && column.SourceType != typed[i-1].kind {
					t.Errorf("%s is of type %q, want %q", column.Name, column.SourceType, typed[i-1].kind)
				}
				if other := i > len(typed) || i > 0 && typed[i-1].other; (column.Type == change.TypeOther) != other {
					t.Errorf("%s %s is read as type %d", column.Name, column.SourceType, column.Type)
				}
			}
			if c := rel.Columns[rel.Column("c7")]; c.Precision != 12 || c.Scale != 3 {
				t.Errorf("numeric(12,3) has precision %d and scale %d", c.Precision, c.Scale)
			}
			if c := rel.Columns[rel.Column("c23")]; c.Precision != 10 || c.Scale != 2 || c.Type != change.TypeDecimal {
				t.Errorf("a domain over numeric(10,2) is %+v", c)
			}
			if found := describe(t, db, rel); !sameShape(rel, found) {
				t.Errorf("streamed as %+v, in the catalog %+v", rel, found)
			}
		})
	}
}

func TestReplicaIdentities(t *testing.T) {
	db := newDatabase(t)
	db.exec(`CREATE TABLE full_keyed (id int PRIMARY KEY, n int); ALTER TABLE full_keyed REPLICA IDENTITY FULL;
		CREATE TABLE full_plain (a int, b int); ALTER TABLE full_plain REPLICA IDENTITY FULL;
		CREATE TABLE indexed (id int PRIMARY KEY, code text NOT NULL); CREATE UNIQUE INDEX code ON indexed (code) INCLUDE (id);
		ALTER TABLE indexed REPLICA IDENTITY USING INDEX code`)
	cfg := db.config("public.full_keyed", "public.full_plain", "public.indexed")
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO full_keyed VALUES (1, 1); UPDATE full_keyed SET n = 2; UPDATE full_keyed SET id = 2; DELETE FROM full_keyed")
	db.exec("INSERT INTO full_plain VALUES (1, NULL); UPDATE full_plain SET b = 2; DELETE FROM full_plain")
	db.exec("INSERT INTO indexed VALUES (1, 'x'); UPDATE indexed SET id = 2; UPDATE indexed SET code = 'y'; DELETE FROM indexed")
	r.expect(
		"full_keyed insert 1 1", "full_keyed update 1 2", "full_keyed delete 1 2", "full_keyed insert 2 2", "full_keyed delete 2 2",
		"full_plain insert 1 NULL", "full_plain delete 1 NULL", "full_plain insert 1 2", "full_plain delete 1 2",
		"indexed insert 1 x", "indexed update 2 x", "indexed delete ? x", "indexed insert 2 y", "indexed delete ? y",
	)
	// The snapshot must describe them alike.
	for _, streamed := range r.relations {
		found := describe(t, db, streamed)
		if !sameShape(streamed, found) {
			t.Errorf("streamed as %+v, in the catalog %+v", streamed, found)
		}
	}
}

func TestPartitionedTable(t *testing.T) {
	db := newDatabase(t)
	db.exec(`CREATE TABLE p (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)`)
	cfg := db.config("public.p")
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO p VALUES (1, 1), (11, 2)")
	db.exec("UPDATE p SET n = 3 WHERE id = 11")
	db.exec("UPDATE p SET id = 12 WHERE id = 1") // moves to the other partition
	r.expect("p insert 1 1", "p insert 11 2", "p update 11 3", "p delete 1 ?", "p insert 12 1")
}
