package snapshot

import (
	"context"
	"fmt"
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
)

// recorder is a Publisher that keeps every row as text.
type recorder struct {
	mu      sync.Mutex
	rows    []string
	changes []change.Change // without values
	flushed int             // how many rows there were at the last Flush
	fail    error
}

func (r *recorder) Publish(_ context.Context, changes []change.Change) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
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
	return nil
}

func (r *recorder) Flush(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flushed = len(r.rows)
	return nil
}

type fixture struct {
	t    *testing.T
	conn *pgx.Conn
	dsn  string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	dsn := postgrestest.New(t).DSN
	return &fixture{t, connect(t, dsn), dsn}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func (f *fixture) exec(sql string) {
	f.t.Helper()
	if _, err := f.conn.Exec(f.t.Context(), sql); err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
}

// export exports a snapshot that stays open until the test ends.
func (f *fixture) export(tables ...source.Name) *source.Snapshot {
	f.t.Helper()
	c := connect(f.t, f.dsn)
	s := &source.Snapshot{Version: 77, Taken: time.UnixMicro(1_700_000_000_000_000), Tables: tables}
	if _, err := c.Exec(f.t.Context(), "BEGIN ISOLATION LEVEL REPEATABLE READ"); err != nil {
		f.t.Fatal(err)
	}
	if err := c.QueryRow(f.t.Context(), "SELECT pg_export_snapshot()").Scan(&s.ID); err != nil {
		f.t.Fatal(err)
	}
	return s
}

// copy takes the snapshot and gives the tables reported done, in order.
func (f *fixture) copy(rec *recorder, s *source.Snapshot) (done []source.Name, err error) {
	f.t.Helper()
	cfg := config.Default()
	cfg.Postgres.DSN = config.Secret(f.dsn)
	cfg.Producer.SnapshotConnections = 3
	var mu sync.Mutex
	err = New(&cfg, rec, zaptest.NewLogger(f.t)).Copy(f.t.Context(), s, func(_ context.Context, n source.Name) error {
		mu.Lock()
		defer mu.Unlock()
		rec.mu.Lock()
		defer rec.mu.Unlock()
		for i, c := range rec.changes {
			if c.Relation.Table == n.Table && i >= rec.flushed {
				return fmt.Errorf("%s is done although row %d was not flushed", n, i)
			}
		}
		done = append(done, n)
		return nil
	})
	return done, err
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
