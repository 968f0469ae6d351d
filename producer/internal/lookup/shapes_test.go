package lookup

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

// Any type may be a key, and an answer: whatever reaches the SQL is equal to what stands in the source's row, and what
// comes back is printed as the server prints it.
func TestTypesOfKeysAndAnswers(t *testing.T) {
	shared := newFixture(t)
	shared.exec("CREATE TYPE mood AS ENUM ('sad', 'it''s')")
	for _, c := range []struct{ typ, literal string }{
		{"smallint", "-32768"},
		{"integer", "2147483647"},
		{"bigint", "-9223372036854775808"},
		{"numeric(30,5)", "12345678901234567890.00100"},
		{"double precision", "0.1"},
		{"double precision", "-Infinity"},
		{"real", "1e-10"},
		{"boolean", "true"},
		{"text", `a "quoted" \ {brace}, NULL`},
		{"varchar(10)", ""},
		{"char(5)", "ab"},
		{"name", "n"},
		{"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{"bytea", `\x00ff5c22`},
		{"date", "2024-02-29"},
		{"date", "infinity"},
		{"time", "23:59:59.999999"},
		{"timestamp", "0044-03-15 12:00:00 BC"},
		{"timestamptz", "2024-02-29 12:34:56.789+02"},
		{"interval", "1 mon -2 days 03:04:05"},
		{"jsonb", `{"a": [1, "x"]}`},
		{"inet", "10.0.0.1/8"},
		{"mood", "it's"},
		{"int4range", "[1,5)"},
	} {
		t.Run(c.typ+" "+c.literal, func(t *testing.T) {
			f := &fixture{t: t, conn: shared.conn, cfg: shared.cfg}
			f.cfg.Tables = []config.Table{{Source: "public.events", Lookups: []config.Lookup{{
				Column: "answer", Keys: []string{"k"},
				SQL: "SELECT e.i, a.v FROM unnest($1::" + c.typ + "[]) WITH ORDINALITY e (k, i) JOIN answers a ON a.k = e.k",
			}}}}
			f.exec("DROP TABLE IF EXISTS events, answers; CREATE TABLE events (id int PRIMARY KEY, k " + c.typ + "); CREATE TABLE answers (k " + c.typ + ", v " + c.typ + ")")
			f.exec("INSERT INTO answers SELECT v, v FROM (SELECT " + source.QuoteLiteral(c.literal) + "::" + c.typ + ") l (v)")
			relation, values := f.described(c.typ, c.literal)
			l, rec := f.lookup()
			f.publish(l, change.Change{Relation: relation, Op: change.Insert, Position: change.Position{Commit: 1}, Values: values})
			var want string
			if err := f.conn.QueryRow(t.Context(), "SELECT v::text FROM answers", pgx.QueryExecModeExec).Scan(&want); err != nil {
				t.Fatal(err)
			}
			if slices.Contains([]string{"uuid", "timestamptz", "timestamp", "date", "char(5)"}, c.typ) { // it has our own text
				want = string(pgvalue.AppendText(nil, relation.Columns[1].Type, &values[1]))
			}
			expect(t, rec, want)
			answer := rec.relation.Columns[2]
			if key := relation.Columns[1]; answer.Type != key.Type || answer.Name != "answer" || answer.Key {
				t.Errorf("the answer is described as %+v, the key as %+v", answer, key)
			}
		})
	}
}

// described gives the shape of events, and a row of it as the stream has it.
func (f *fixture) described(typ, literal string) (*change.Relation, []change.Value) {
	f.t.Helper()
	session, err := source.NewSession(f.cfg.Postgres.DSN)
	if err != nil {
		f.t.Fatal(err)
	}
	defer session.UseCatalogOnly().Close()
	table, err := source.Describe(f.t.Context(), session, source.NewTypes(session), source.ParseName("public.events"), nil)
	if err != nil {
		f.t.Fatal(err)
	}
	conn, err := session.Conn(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	if typ == "mood" {
		typ = "public.mood"
	}
	// What the type's output function prints: a cast to text cuts the blanks of a char(n).
	var printed string
	if err := conn.QueryRow(f.t.Context(), "SELECT format('%s', "+source.QuoteLiteral(literal)+"::"+typ+")").Scan(&printed); err != nil {
		f.t.Fatal(err)
	}
	var decoder pgvalue.Decoder
	v, err := decoder.Text(table.Types[1], []byte(printed))
	if err != nil {
		f.t.Fatal(err)
	}
	return table.Relation, []change.Value{change.IntegerValue(1), v}
}

// A lookup may have any number of keys, NULLs among them, answer in any order, leave elements out, and answer NULL.
func TestShapesOfSQL(t *testing.T) {
	for name, c := range map[string]struct {
		lookup config.Lookup
		want   []string
	}{
		"three keys": {config.Lookup{
			Keys: []string{"project_id", "title", "group_id"},
			SQL:  "SELECT e.i, concat_ws('|', e.p, e.t, e.g) FROM unnest($1::bigint[], $2::text[], $3::bigint[]) WITH ORDINALITY e (p, t, g, i)",
		}, []string{"1|a|2", "1|a", "b|2", ""}},
		"backwards, some left out": {config.Lookup{
			Keys: []string{"project_id", "group_id"},
			SQL:  "SELECT e.i, e.p + e.g FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY e (p, g, i) WHERE e.p + e.g IS NOT NULL ORDER BY e.i DESC",
		}, []string{"3", "NULL", "NULL", "NULL"}},
		"an answer that is NULL": {config.Lookup{
			Keys: []string{"title"}, SQL: "SELECT e.i, nullif(e.t, 'a') FROM unnest($1::text[]) WITH ORDINALITY e (t, i)",
		}, []string{"NULL", "NULL", "b", "NULL"}},
		"NULL that is looked for": {config.Lookup{
			Keys: []string{"title"}, SQL: "SELECT e.i, 'none'::text FROM unnest($1::text[]) WITH ORDINALITY e (t, i) WHERE e.t IS NULL",
		}, []string{"NULL", "NULL", "NULL", "none"}},
		"the later of two answers": {config.Lookup{
			Keys: []string{"title"}, SQL: "SELECT e.i, n FROM unnest($1::text[]) WITH ORDINALITY e (t, i), generate_series(1, 2) n ORDER BY n",
		}, []string{"2", "2", "2", "2"}},
		"a common table expression": {config.Lookup{
			Keys: []string{"title"}, SQL: "WITH e AS (SELECT * FROM unnest($1::text[]) WITH ORDINALITY e (t, i)) SELECT i, count(*) OVER () FROM e -- all of them",
		}, []string{"3", "3", "3", "3"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.lookup.Column = "answer"
			f := newFixture(t, c.lookup)
			l, rec := f.lookup()
			row := func(project, group int64, title string) change.Change {
				r := event(change.Insert, project, group, title)
				if title == "" {
					r.Values[3] = change.NullValue()
				}
				return r
			}
			batch := []change.Change{row(1, 2, "a"), row(1, -1, "a"), row(-1, 2, "b"), row(-1, -1, "")}
			for range 2 { // asked, then remembered
				f.publish(l, batch...)
				expect(t, rec, c.want...)
			}
			if n := l.Stats()[0].Queries; n != 1 {
				t.Errorf("%d queries, want 1", n)
			}
		})
	}
}

// SQL that answers for what was not asked is refused to be believed, and what came before is not remembered by halves.
func TestAnswersOutOfRange(t *testing.T) {
	for _, i := range []string{"0", "2", "-1"} {
		f := newFixture(t, config.Lookup{Column: "x", Keys: []string{"title"}, SQL: "SELECT " + i + "::bigint, t FROM unnest($1::text[]) t"})
		l, _ := f.lookup()
		_, err := l.process(t.Context(), []change.Change{event(change.Insert, 1, 1, "a")})
		if err == nil || err.Error() != "look up public.events.x: its SQL answers for element "+i+" of 1" {
			t.Errorf("element %s gives %v", i, err)
		}
		if n := l.columns[0].cache.len(); n != 0 {
			t.Errorf("%d answers are remembered", n)
		}
	}
}

// A table that the SQL reads may be altered: the column then has the new type, and nothing has to be started again.
func TestAnswersOfAnotherType(t *testing.T) {
	f := newFixture(t, config.Lookup{Column: "answer", Keys: []string{"title"}, SQL: "SELECT e.i, a.v FROM unnest($1::text[]) WITH ORDINALITY e (k, i) JOIN answers a ON a.k = e.k"})
	f.exec("CREATE TABLE answers (k text, v int); INSERT INTO answers VALUES ('a', 1), ('b', 2), ('c', 3)")
	l, rec := f.lookup()
	row := func(title string) change.Change { return event(change.Insert, 1, 1, title) }
	f.publish(l, row("a"), row("b"))
	expect(t, rec, "1", "2")
	f.exec("ALTER TABLE answers ALTER v TYPE text USING 'it is ' || v")
	f.publish(l, row("b"), row("c"))
	expect(t, rec, "it is 2", "it is 3")
	if c := rec.relation.Columns[4]; c.SourceType != "text" {
		t.Errorf("the answer is described as %+v", c)
	}
	l.session.Close() // a new connection knows nothing of how the SQL was described
	f.exec("ALTER TABLE answers ALTER v TYPE int USING length(k)")
	f.publish(l, row("a"))
	expect(t, rec, "1")
	if c := rec.relation.Columns[4]; c.SourceType != "integer" {
		t.Errorf("the answer is described as %+v", c)
	}
}
