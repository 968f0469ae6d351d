package replication

import (
	"fmt"
	"strings"
	"testing"

	"eventsync/pkg/change"
)

// typed are columns of every type that is read in binary, and a row's values.
var typed = []struct{ kind, literal string }{
	{"boolean", "true"},
	{"smallint", "-3"},
	{"integer", "70000"},
	{"bigint", "-9223372036854775808"},
	{"oid", "4294967295"},
	{"real", "1.5"},
	{"double precision", "-0.1"},
	{"numeric(12,3)", "1234.500"},
	{"numeric", "NaN"},
	{"text", "a b"},
	{"character varying(40)", "v"},
	{"character(5)", "ccccc"},
	{"name", "n"},
	{`"char"`, "x"},
	{"bytea", `\x00ff`},
	{"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
	{"json", `{"a":1}`},
	{"jsonb", `{"a": 1}`},
	{"date", "2024-02-29"},
	{"time without time zone", "12:00:00"},
	{"timestamp(3) without time zone", "2024-02-29 12:00:00"},
	{"timestamp with time zone", "2024-02-29 12:00:00+00"},
	{"public.mood", "ok"},
	{"public.price", "3.10"},
}

// createTyped makes a table of all those types and one row.
func createTyped(db *database, table, more string) (insert string) {
	db.exec("DO $$ BEGIN CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN price AS numeric(10,2); EXCEPTION WHEN duplicate_object THEN END $$")
	var columns, literals []string
	for i, c := range typed {
		columns = append(columns, fmt.Sprintf("c%d %s", i, c.kind))
		literals = append(literals, "'"+c.literal+"'")
	}
	db.exec("CREATE TABLE " + table + " (id int PRIMARY KEY, " + strings.Join(columns, ", ") + more + ")")
	return "INSERT INTO " + table + " VALUES (1, " + strings.Join(literals, ", ")
}

// Every type, in binary and, since there is a type in the table that is not, in text.
func TestValues(t *testing.T) {
	for _, format := range []string{"binary", "text"} {
		t.Run(format, func(t *testing.T) {
			db := newDatabase(t)
			more, literal := "", ")"
			if format == "text" {
				more, literal = ", addr inet, tags text[], span interval, r int4range", `, '10.0.0.1/8', '{"a b",NULL}', '1 day', '[1,5)')`
			}
			insert := createTyped(db, "v", more)
			cfg := db.config("public.v")
			r := start(t, cfg, &recorder{}, noRows{})
			db.waitStreaming(cfg.Slot)
			db.exec(insert + literal)
			eventually(t, "published", func() bool { return len(r.all()) == 1 })
			db.exec("SET timezone = 'UTC'; SET intervalstyle = 'postgres'")
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
				if (column.Type == change.TypeOther) != (i > len(typed)) {
					t.Errorf("%s %s is read as type %d", column.Name, column.SourceType, column.Type)
				}
			}
			if c := rel.Columns[rel.Column("c7")]; c.Precision != 12 || c.Scale != 3 {
				t.Errorf("numeric(12,3) has precision %d and scale %d", c.Precision, c.Scale)
			}
			if c := rel.Columns[rel.Column("c23")]; c.Precision != 10 || c.Scale != 2 || c.Type != change.TypeDecimal {
				t.Errorf("a domain over numeric(10,2) is %+v", c)
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
