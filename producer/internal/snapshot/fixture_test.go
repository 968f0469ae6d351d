package snapshot

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap/zaptest"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
	"eventsync/producer/internal/source/state"
)

// recorder is a Publisher that keeps every row as text.
type recorder struct {
	mu      sync.Mutex
	rows    []string
	changes []change.Change // without values
	flushed int             // how many rows there were at the last Flush
	fail    error
	notice  func(rows int) // is called after each Publish
}

func (r *recorder) Publish(_ context.Context, changes []change.Change) error {
	rows, err := r.keep(changes)
	if err == nil && r.notice != nil {
		r.notice(rows)
	}
	return err
}

func (r *recorder) keep(changes []change.Change) (rows int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return 0, r.fail
	}
	for _, c := range changes {
		var fields []string
		for i := range c.Values {
			if c.Values[i].Kind == change.Null {
				fields = append(fields, "NULL")
			} else {
				fields = append(fields, string(pgvalue.AppendText(nil, c.Relation.Columns[i].Type, &c.Values[i])))
			}
		}
		r.rows = append(r.rows, strings.Join(fields, "|"))
		c.Values = nil
		r.changes = append(r.changes, c)
	}
	return len(r.rows), nil
}

func (r *recorder) Flush(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flushed = len(r.rows)
	return nil
}

// testPages is a chunk's size in the tests.
const testPages = 64

type fixture struct {
	t     *testing.T
	conn  *pgx.Conn
	dsn   string
	store *state.Store
	last  *Snapshotter
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	dsn := postgrestest.New(t).DSN
	store, err := state.New(config.Secret(dsn), "slot")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return &fixture{t: t, conn: postgrestest.Connect(t, dsn), dsn: dsn, store: store}
}

func (f *fixture) exec(sql string) {
	f.t.Helper()
	if _, err := f.conn.Exec(f.t.Context(), sql); err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
}

// export exports a snapshot that stays open until the test ends, of tables whose progress is where it was.
func (f *fixture) export(tables ...source.Name) *source.Snapshot {
	f.t.Helper()
	c := postgrestest.Connect(f.t, f.dsn)
	s := &source.Snapshot{Version: 77, Taken: time.UnixMicro(1_700_000_000_000_000), Release: func() {}}
	if _, err := c.Exec(f.t.Context(), "BEGIN ISOLATION LEVEL REPEATABLE READ"); err != nil {
		f.t.Fatal(err)
	}
	if err := c.QueryRow(f.t.Context(), "SELECT pg_export_snapshot()").Scan(&s.ID); err != nil {
		f.t.Fatal(err)
	}
	known, err := f.store.Tables(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, name := range tables {
		s.Tables = append(s.Tables, source.Due{Name: name, Round: known[name].Round})
	}
	if err := f.store.Begin(f.t.Context(), s.Tables, 1, 77); err != nil {
		f.t.Fatal(err)
	}
	return s
}

func (f *fixture) snapshotter(publisher Publisher) *Snapshotter {
	f.t.Helper()
	cfg := config.Default()
	cfg.Postgres.DSN = config.Secret(f.dsn)
	cfg.Producer.SnapshotConnections = 3
	s := New(&cfg, publisher, zaptest.NewLogger(f.t))
	s.chunkPages = testPages
	return s
}

// copy takes the snapshot.
func (f *fixture) copy(publisher Publisher, s *source.Snapshot) error {
	f.t.Helper()
	f.last = f.snapshotter(publisher)
	return f.last.Copy(f.t.Context(), s, f.store)
}

// remembered is what is remembered of a table.
func (f *fixture) remembered(name source.Name) state.Table {
	f.t.Helper()
	known, err := f.store.Tables(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return known[name]
}

// expectDone fails unless each table is done.
func (f *fixture) expectDone(names ...source.Name) {
	f.t.Helper()
	for _, name := range names {
		if got := f.remembered(name); !got.Done {
			f.t.Errorf("%s is not done: %+v", name, got)
		}
	}
}

// texts is what the server itself prints of a query's rows.
func (f *fixture) texts(sql string) []string {
	f.t.Helper()
	rows, err := f.conn.Query(f.t.Context(), sql)
	if err != nil {
		f.t.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		f.t.Fatal(err)
	}
	return texts
}

func public(table string) source.Name { return source.Name{Schema: "public", Table: table} }
