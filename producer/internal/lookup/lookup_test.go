package lookup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

// recorder is a Publisher that keeps the last column of every change, as text.
type recorder struct {
	last     []string
	relation *change.Relation
	before   []change.Value // of the last change that has an old row
}

var nopLog = zap.NewNop()

func (r *recorder) Publish(_ context.Context, changes []change.Change) error {
	r.last = nil
	for _, c := range changes {
		r.relation = c.Relation
		r.last = append(r.last, text(&c))
		if c.Before != nil {
			r.before = slices.Clone(c.Before)
		}
	}
	return nil
}

func text(c *change.Change) string {
	if len(c.Values) == 0 {
		return c.Op.String()
	}
	i := len(c.Values) - 1
	switch v := &c.Values[i]; v.Kind {
	case change.Null:
		return "NULL"
	case change.Unavailable:
		return "?"
	default:
		return string(pgvalue.AppendText(nil, c.Relation.Columns[i].Type, v))
	}
}

func (*recorder) Commit(change.LSN)           {}
func (*recorder) Confirmed() change.LSN       { return 0 }
func (*recorder) Flush(context.Context) error { return nil }

func (*recorder) Published(context.Context, []source.Name) (change.LSN, error) { return 0, nil }

type fixture struct {
	t    *testing.T
	conn *pgx.Conn
	cfg  config.Config
}

func newFixture(t *testing.T, lookups ...config.Lookup) *fixture {
	t.Helper()
	f := &fixture{t: t, cfg: config.Default()}
	dsn := postgrestest.New(t).DSN
	var err error
	if f.conn, err = pgx.Connect(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.conn.Close(context.Background()) })
	f.cfg.Postgres.DSN = config.Secret(dsn)
	f.cfg.Tables = []config.Table{{Source: "public.events", Lookups: lookups}}
	return f
}

func (f *fixture) exec(sql string) {
	f.t.Helper()
	if _, err := f.conn.Exec(f.t.Context(), sql); err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
}

func (f *fixture) lookup() (*Lookup, *recorder) {
	f.t.Helper()
	rec := &recorder{}
	l, err := New(&f.cfg, rec, zaptest.NewLogger(f.t))
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(l.Close)
	return l, rec
}

var events = &change.Relation{Schema: "public", Table: "events", Columns: []change.Column{
	{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true},
	{Name: "project_id", Type: change.TypeInt64, SourceType: "bigint"},
	{Name: "group_id", Type: change.TypeInt64, SourceType: "bigint"},
	{Name: "title", Type: change.TypeText, SourceType: "text"},
}}

// event is a change of events; a negative number is NULL.
func event(op change.Op, project, group int64, title string) change.Change {
	values := []change.Value{change.IntegerValue(1), change.IntegerValue(project), change.IntegerValue(group), change.TextValue([]byte(title))}
	for i, n := range []int64{project, group} {
		if n < 0 {
			values[1+i] = change.NullValue()
		}
	}
	return change.Change{Relation: events, Op: op, Values: values}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The first user's own SQL over its own tables.
func TestEventsPath(t *testing.T) {
	f := newFixture(t, config.Lookup{Column: "path", Keys: []string{"project_id", "group_id"}, SQL: read(t, "../../../schemas/postgres/events_path.sql")})
	f.exec(read(t, "../../../schemas/postgres/events.sql"))
	f.exec(`INSERT INTO namespaces (id, parent_id, type, traversal_ids) VALUES (9, NULL, 'Group', '{9}'), (24, 9, 'Group', '{9,24}'), (100, 24, 'Project', '{9,24,100}');
		INSERT INTO projects (id, namespace_id, project_namespace_id) VALUES (5, 24, 100)`)
	l, rec := f.lookup()
	changes := []change.Change{
		event(change.Insert, 5, -1, ""), event(change.Snapshot, 5, 9, ""), event(change.Update, -1, 24, ""), event(change.Insert, -1, -1, ""),
		event(change.Insert, 77, -1, ""), event(change.Insert, 77, 9, ""), event(change.Delete, 5, -1, ""),
		{Relation: events, Op: change.Truncate},
	}
	if err := l.Publish(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	if want := []string{"9/24/100/", "9/24/100/", "9/24/", "0/", "0/", "9/", "?", "truncate"}; !slices.Equal(rec.last, want) {
		t.Errorf("paths are %q, want %q", rec.last, want)
	}
	if c := rec.relation.Columns[len(rec.relation.Columns)-1]; c != (change.Column{Name: "path", Type: change.TypeText, SourceType: "text"}) {
		t.Errorf("the joined column is %+v", c)
	}
	if len(changes[0].Values) != len(events.Columns) || len(events.Columns) != 4 {
		t.Error("the changes given were changed")
	}
}

// A batch asks once per lookup, for what it has not asked for lately.
func TestAsksOnce(t *testing.T) {
	f := newFixture(t, config.Lookup{Column: "n", Keys: []string{"title"}, SQL: "SELECT k.i, count_asked(k.t) FROM unnest($1::text[]) WITH ORDINALITY k (t, i)"})
	f.exec(`CREATE SEQUENCE asked; CREATE FUNCTION count_asked(text) RETURNS numeric LANGUAGE sql VOLATILE AS $$ SELECT nextval('asked')::numeric $$`)
	l, rec := f.lookup()
	batch := []change.Change{event(change.Insert, 1, 1, "a"), event(change.Insert, 1, 1, "b"), event(change.Insert, 1, 1, "a")}
	for range 2 {
		if err := l.Publish(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		if want := []string{"1", "2", "1"}; !slices.Equal(rec.last, want) {
			t.Fatalf("answers are %q, want %q", rec.last, want)
		}
	}
	for range 2 { // when the halves have turned twice it is asked again
		l.columns[0].cache.turned = time.Now().Add(-unwatchedAge)
		if err := l.Publish(t.Context(), batch[1:2]); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"3"}; !slices.Equal(rec.last, want) {
		t.Errorf("after two minutes the answer is %q, want %q", rec.last, want)
	}
}

// Whatever stands in a key reaches the SQL as it is, and none is taken for another.
func TestKeys(t *testing.T) {
	f := newFixture(t, config.Lookup{Column: "seen", Keys: []string{"title", "group_id"}, SQL: `SELECT k.i, format('%L,%L', k.t, k.g) FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY k (t, g, i)`})
	l, rec := f.lookup()
	titles := []string{"", "NULL", "n", "\x01", `"`, `\`, "{a,b}", " spaced ", "it''s", "ünï", "v"}
	var batch []change.Change
	var want []string
	for _, title := range titles {
		batch = append(batch, event(change.Insert, 1, 3, title))
		var literal string
		if err := f.conn.QueryRow(t.Context(), "SELECT format('%L,%L', $1::text, '3')", title).Scan(&literal); err != nil {
			t.Fatal(err)
		}
		want = append(want, literal)
	}
	null := event(change.Insert, 1, -1, "")
	null.Values[3] = change.NullValue()
	batch, want = append(batch, null), append(want, "NULL,NULL")
	if err := l.Publish(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rec.last, want) {
		t.Errorf("keys arrive as %q, want %q", rec.last, want)
	}
}

// A connection that is cut is opened again, and nothing half-answered is kept.
func TestConnectionIsCut(t *testing.T) {
	f := newFixture(t, config.Lookup{Column: "n", Keys: []string{"group_id"}, SQL: "SELECT k.i, k.g * 2 FROM unnest($1::bigint[]) WITH ORDINALITY k (g, i)"})
	l, rec := f.lookup()
	for i := range int64(3) {
		if err := l.Publish(t.Context(), []change.Change{event(change.Insert, 1, i, "")}); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint(2 * i); rec.last[0] != want {
			t.Errorf("the answer is %q, want %q", rec.last[0], want)
		}
		f.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'eventsync' AND datname = current_database()")
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		lookup config.Lookup
		want   string
	}{
		"a syntax error":       {config.Lookup{Column: "x", Keys: []string{"group_id"}, SQL: "SELEC 1"}, "syntax error"},
		"too few parameters":   {config.Lookup{Column: "x", Keys: []string{"group_id", "title"}, SQL: "SELECT 1::bigint, $1::bigint[]"}, "takes 1 parameters"},
		"a key that is none":   {config.Lookup{Column: "x", Keys: []string{"gruop_id"}, SQL: "SELECT 1::bigint, $1::bigint[]"}, `no column "gruop_id"`},
		"a column that exists": {config.Lookup{Column: "title", Keys: []string{"group_id"}, SQL: "SELECT 1::bigint, $1::bigint[]"}, `a column "title" of its own`},
		"a runtime error":      {config.Lookup{Column: "x", Keys: []string{"group_id"}, SQL: "SELECT k.i, 1 / (k.g - k.g) FROM unnest($1::bigint[]) WITH ORDINALITY k (g, i)"}, "division by zero"},
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := newFixture(t, c.lookup).lookup()
			err := l.Publish(t.Context(), []change.Change{event(change.Insert, 1, 1, "")})
			var refusal *source.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it gives %v, want a refusal that says %q", err, c.want)
			}
		})
	}
}
