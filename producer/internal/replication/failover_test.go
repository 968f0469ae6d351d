package replication

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// pair is a primary and its standby, of a version whose slots go over.
type pair struct {
	*database
	primary, standby *postgres.Server
	standbyDir       string
}

// newPair makes them; the producer is to connect to whichever is the primary.
func newPair(t *testing.T) *pair {
	t.Helper()
	primaryDir, standbyDir := t.TempDir(), t.TempDir()
	primary := startServer(t, primaryDir, nil)
	admin := postgrestest.Connect(t, primary.DSN())
	mustExec(t, admin, "CREATE TABLE a (id int PRIMARY KEY); SELECT pg_create_physical_replication_slot('standby', true)")
	_ = admin.Close(t.Context())
	if err := primary.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(standbyDir, "data"), os.DirFS(filepath.Join(primaryDir, "data"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(standbyDir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"postmaster.pid", "pg_replslot/standby"} {
		if err := os.RemoveAll(filepath.Join(standbyDir, "data", gone)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(standbyDir, "data", "standby.signal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := primary.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	standby := startServer(t, standbyDir, map[string]string{
		"primary_conninfo":       fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=postgres", primary.Port()),
		"primary_slot_name":      "standby",
		"hot_standby_feedback":   "on",
		"sync_replication_slots": "on",
	})
	dsn := fmt.Sprintf("postgres://postgres@127.0.0.1:%d,127.0.0.1:%d/postgres?sslmode=disable&target_session_attrs=read-write", primary.Port(), standby.Port())
	db := &database{t: t, dsn: config.Secret(dsn), conn: postgrestest.Connect(t, dsn), name: "postgres"}
	return &pair{database: db, primary: primary, standby: standby, standbyDir: standbyDir}
}

func startServer(t *testing.T, dir string, settings map[string]string) *postgres.Server {
	t.Helper()
	s, err := postgres.Start(t.Context(), postgres.Config{Dir: dir, Oldest: failoverVersion / 10_000, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// waitSynced waits until the slot is at the standby, as it is to stay.
func (p *pair) waitSynced(slot string) {
	p.t.Helper()
	conn := postgrestest.Connect(p.t, p.standby.DSN())
	defer conn.Close(p.t.Context()) //nolint:errcheck // only read
	eventually(p.t, "the slot is at the standby", func() bool {
		p.exec("SELECT pg_log_standby_snapshot()") // the standby's copy is not safe before one
		var synced bool
		err := conn.QueryRow(p.t.Context(), "SELECT synced AND NOT temporary FROM pg_replication_slots WHERE slot_name = $1", slot).Scan(&synced)
		return err == nil && synced
	})
}

// promote ends the primary, and makes the standby one.
func (p *pair) failover() {
	p.t.Helper()
	if err := p.primary.Crash(); err != nil {
		p.t.Fatal(err)
	}
	conn := postgrestest.Connect(p.t, p.standby.DSN())
	mustExec(p.t, conn, "SELECT pg_promote()")
	p.conn = conn
}

// advice is what Check would have done about standbys.
func advice(t *testing.T, cfg Config) string {
	t.Helper()
	for _, f := range Check(t.Context(), cfg, nopLog(t)) {
		if f.What == "standbys" {
			return f.Fix
		}
	}
	return ""
}

// A producer goes on from a standby that was promoted, from the slot that went over, and nothing is lost.
func TestFailover(t *testing.T) {
	p := newPair(t)
	cfg := p.config("public.a")
	rec := &recorder{}
	r := start(t, cfg, rec, noRows{})
	p.waitStreaming(cfg.Slot)
	fix := advice(t, cfg)
	if !strings.Contains(fix, "synchronized_standby_slots = 'standby'") {
		t.Fatalf("it advises %q", fix)
	}
	for sql := range strings.SplitSeq(strings.Split(fix, "; with")[0], "; ") {
		p.exec(sql)
	}
	eventually(t, "no advice is left", func() bool { return advice(t, cfg) == "" })
	p.exec("INSERT INTO a SELECT generate_series(1, 100)")
	p.waitSynced(cfg.Slot)
	p.exec("INSERT INTO a SELECT generate_series(101, 200)")
	r.eventuallyHas("a insert 200")
	p.failover()
	p.exec("INSERT INTO a SELECT generate_series(201, 300)")
	r.eventuallyHas("a insert 300")
	lines := r.lines()
	for i := range 300 {
		if line := fmt.Sprintf("a insert %d", i+1); !slices.Contains(lines, line) {
			t.Errorf("%s is lost", line)
		}
	}
	var timeline int
	p.scan(&timeline, "SELECT timeline FROM eventsync.slots")
	if timeline != 2 {
		t.Errorf("timeline %d is remembered", timeline)
	}
}

// One that lacks what was published is refused; under a raised epoch it is begun with anew.
func TestFailoverToAStandbyThatLagged(t *testing.T) {
	p := newPair(t)
	cfg := p.config("public.a")
	rec := &recorder{}
	r, err := New(cfg, rec, noRows{}, nopLog(t))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	patient, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	go func() { done <- r.Run(patient) }()
	p.waitStreaming(cfg.Slot)
	p.exec("INSERT INTO a VALUES (1)")
	p.waitSynced(cfg.Slot)
	if err := p.standby.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.exec("INSERT INTO a VALUES (2)")
	(&replica{recorder: rec, t: t}).eventuallyHas("a insert 2")
	// It comes back as the primary is gone for ever.
	if err := p.primary.Crash(); err != nil {
		t.Fatal(err)
	}
	if err := p.standby.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.conn = postgrestest.Connect(t, p.standby.DSN())
	p.exec("SELECT pg_promote()")
	p.exec("INSERT INTO a VALUES (3)") // at a place that was used before
	err = <-done
	var refusal *source.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Problem, "lacks what was published") || !strings.Contains(refusal.Fix, "producer.epoch to 1") {
		t.Fatalf("it ended with %v", err)
	}
	cfg.Epoch = 1
	next := &recorder{}
	after := start(t, cfg, next, &selectRows{db: p.database, publisher: next})
	after.eventuallyHas("a snapshot 3")
	if slices.Contains(after.lines(), "a snapshot 2") {
		t.Error("a row is there that this primary never had: the test is in vain")
	}
	p.exec("INSERT INTO a VALUES (4)")
	after.eventuallyHas("a insert 4")
}

// A slot that somebody made without it goes over all the same.
func TestSlotWithoutFailoverIsAltered(t *testing.T) {
	s := startServer(t, t.TempDir(), nil)
	db := &database{t: t, dsn: config.Secret(s.DSN()), conn: postgrestest.Connect(t, s.DSN()), name: "postgres"}
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	for _, p := range []string{"pub", "pub_append"} {
		db.exec("CREATE PUBLICATION " + p + " WITH (publish_via_partition_root = true)")
	}
	db.exec("ALTER PUBLICATION pub_append SET (publish = 'insert')")
	db.exec("SELECT pg_create_logical_replication_slot('" + cfg.Slot + "', 'pgoutput')")
	failover := func() (is bool) {
		db.scan(&is, "SELECT failover FROM pg_replication_slots WHERE slot_name = $1", cfg.Slot)
		return is
	}
	if failover() {
		t.Fatal("the test is in vain")
	}
	start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	if !failover() {
		t.Error("the slot does not go over")
	}
	report, err := Status(t.Context(), cfg, nopLog(t))
	if err != nil || !report.Slot.Failover {
		t.Errorf("the status is %+v (%v)", report, err)
	}
}

func TestCreateCommand(t *testing.T) {
	for _, c := range []struct {
		temporary bool
		version   int
		want      string
	}{
		{false, 150_000, `CREATE_REPLICATION_SLOT "a" LOGICAL pgoutput EXPORT_SNAPSHOT`},
		{false, 170_000, `CREATE_REPLICATION_SLOT "a" LOGICAL pgoutput (SNAPSHOT 'export', FAILOVER true)`},
		{true, 170_000, `CREATE_REPLICATION_SLOT "a" TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT`},
	} {
		if got := createCommand("a", c.temporary, c.version); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
