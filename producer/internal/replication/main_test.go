package replication

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap/zaptest"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// database is one test's own.
type database struct {
	t    testing.TB
	dsn  config.Secret
	conn *pgx.Conn
	name string
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	d := postgrestest.New(t)
	return &database{t: t, dsn: config.Secret(d.DSN), conn: postgrestest.Connect(t, d.DSN), name: d.Name}
}

// dropSlots drops the database's slots, as somebody may while nobody uses them.
func (db *database) dropSlots() {
	c, err := pgx.Connect(context.Background(), string(db.dsn))
	if err != nil {
		db.t.Error(err)
		return
	}
	defer func() { _ = c.Close(context.Background()) }()
	eventually(db.t, "the slots are dropped", func() bool {
		_, err = c.Exec(context.Background(), "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1", db.name)
		return err == nil
	})
}

func (db *database) exec(sql string, args ...any) {
	db.t.Helper()
	mustExec(db.t, db.conn, sql, args...)
}

// each executes statements, each in a transaction of its own unless they say otherwise.
func (db *database) each(statements string) {
	db.t.Helper()
	for s := range strings.SplitSeq(statements, "; ") {
		db.exec(s)
	}
}

func mustExec(t testing.TB, c *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := c.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (db *database) scan(into any, sql string, args ...any) {
	db.t.Helper()
	if err := db.conn.QueryRow(db.t.Context(), sql, args...).Scan(into); err != nil {
		db.t.Fatalf("%s: %v", sql, err)
	}
}

// eventually polls until ok, or fails.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 90 s: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func (db *database) config(tables ...string) Config {
	c := Config{DSN: db.dsn, Slot: "slot_" + db.name, Publication: "pub"}
	for _, t := range tables {
		name, appendOnly := strings.CutSuffix(t, " append")
		c.Tables = append(c.Tables, Table{Name: source.ParseName(name), AppendOnly: appendOnly})
	}
	return c
}

// replica is a running Replicator and what it has published.
type replica struct {
	*recorder
	replicator *Replicator
	t          testing.TB
	stop       func() error
}

// start runs a Replicator until the test ends or stop is called.
func start(t testing.TB, cfg Config, rec *recorder, snapshotter Snapshotter, adjust ...func(*Replicator)) *replica {
	t.Helper()
	r, err := New(cfg, rec, snapshotter, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range adjust {
		a(r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	stopped, result := false, error(nil)
	stop := func() error {
		if !stopped {
			cancel()
			result = <-done
			stopped = true
		}
		return result
	}
	t.Cleanup(func() { _ = stop() })
	return &replica{recorder: rec, replicator: r, t: t, stop: stop}
}

// waitStreaming waits until a slot is being streamed from.
func (db *database) waitStreaming(slot string) {
	db.t.Helper()
	eventually(db.t, "the slot is active", func() bool {
		var active bool
		db.scan(&active, "SELECT EXISTS (SELECT FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE slot_name = $1 AND r.state = 'streaming')", slot)
		return active
	})
}
