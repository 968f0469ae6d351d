package replication

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
)

func TestParseHistory(t *testing.T) {
	ends, err := parseHistory("1\t0/3000148\tno recovery target specified\n\n# a comment\n2\t16/B374D848\tbefore 2026-01-01\n")
	if err != nil || len(ends) != 2 || ends[1] != 0x3000148 || ends[2] != 0x16_B374_D848 {
		t.Errorf("it gives %v (%v)", ends, err)
	}
	for _, bad := range []string{"1", "one\t0/1\tx", "1\tthere\tx", "99999999999\t0/1\tx"} {
		if ends, err := parseHistory(bad); err == nil {
			t.Errorf("%q gives %v", bad, ends)
		}
	}
}

func FuzzParseHistory(f *testing.F) {
	f.Add("1\t0/3000148\tno recovery target specified\n")
	f.Fuzz(func(t *testing.T, content string) {
		if ends, err := parseHistory(content); err != nil && ends != nil {
			t.Errorf("both %v and %v", ends, err)
		}
	})
}

// A server that goes over to another timeline is streamed from again if it has all that was published.
func TestTimeline(t *testing.T) {
	dir := t.TempDir()
	s, err := postgres.Start(t.Context(), postgres.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	db := &database{t: t, dsn: config.Secret(s.DSN()), conn: postgrestest.Connect(t, s.DSN()), name: "postgres"}
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	rec := &recorder{}
	// This one lives through the promotion; the second is started after it.
	r := start(t, cfg, rec, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (1)")
	r.expect("a insert 1")
	db.promote(s, dir)
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (2)")
	r.eventuallyHas("a insert 2")
	var timeline int
	db.scan(&timeline, "SELECT timeline FROM eventsync.slots")
	if timeline != 2 {
		t.Errorf("timeline %d is remembered", timeline)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	db.promote(s, dir)
	// Of what was published some is not on this timeline: it came after the place where the second one ended.
	var end int64
	db.scan(&end, "SELECT (pg_current_wal_insert_lsn() - '0/0')::int8")
	rec.published = change.LSN(end)
	refused(t, cfg, rec, "timeline 3", "lacks what was published", "set producer.epoch to 1")
	// Nor is anything of a timeline that this one does not come from.
	rec.published = 0
	db.exec("UPDATE eventsync.slots SET timeline = 9")
	refused(t, cfg, rec, "does not follow timeline 9", "set producer.epoch to 1")
	db.exec("UPDATE eventsync.slots SET timeline = 2")
	db.exec("INSERT INTO a VALUES (3)")
	r = start(t, cfg, rec, noRows{})
	r.eventuallyHas("a insert 3")
}

// eventuallyHas waits for a change, whatever came again before it.
func (r *replica) eventuallyHas(line string) {
	r.t.Helper()
	eventually(r.t, line, func() bool { return slices.Contains(r.lines(), line) })
}

// promote makes the server a standby, and that one a primary, as a failover does.
func (db *database) promote(s *postgres.Server, dir string) {
	db.t.Helper()
	_ = db.conn.Close(db.t.Context())
	if err := s.Stop(db.t.Context()); err != nil {
		db.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "standby.signal"), nil, 0o644); err != nil {
		db.t.Fatal(err)
	}
	if err := s.Restart(db.t.Context()); err != nil {
		db.t.Fatal(err)
	}
	db.conn = postgrestest.Connect(db.t, string(db.dsn))
	if found := problems(db.t, db.config()); !strings.Contains(found, "the server is a standby") {
		db.t.Errorf("of a standby, Check finds %q", found)
	}
	db.exec("SELECT pg_promote()")
}

// What was confirmed on the timeline before, without a change, says nothing of this one's changes at the same places.
func TestConfirmedOnAnEarlierTimeline(t *testing.T) {
	rec := &recorder{}
	r := &Replicator{publisher: rec, stale: 0}
	p := &plan{confirmed: 100}
	rec.Commit(200)
	if got := r.confirmed(p); got != 200 {
		t.Errorf("%v is confirmed", got)
	}
	r.stale = rec.Confirmed()
	if got := r.confirmed(p); got != 100 {
		t.Errorf("%v is confirmed after the timeline changed", got)
	}
	rec.Commit(201)
	if got := r.confirmed(p); got != 201 {
		t.Errorf("%v is confirmed after the first change of the new one", got)
	}
}
