package replication

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"eventsync/producer/internal/source"
)

// A snapshot is taken again of a table that is being streamed, when another process asks for it.
func TestSnapshotOnRequest(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1); CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (1)")
	cfg := db.config("public.a", "public.b")
	rec := &recorder{}
	snapshots := &selectRows{db: db, publisher: rec}
	var refusal *source.Refusal
	if err := RequestSnapshot(t.Context(), cfg, "a"); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "no snapshot of public.a was begun yet") {
		t.Errorf("asking before the first start gives %v", err)
	}
	r := start(t, cfg, rec, snapshots)
	db.waitStreaming(cfg.Slot)
	if err := RequestSnapshot(t.Context(), cfg, "other"); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "public.other is not configured") {
		t.Errorf("asking for a table that is not configured gives %v", err)
	}
	var from, again string
	db.scan(&from, "SELECT streamed_from FROM eventsync.progress WHERE source = 'public.a'")
	db.exec("INSERT INTO a VALUES (2)")
	// The stream goes on while the snapshot is read.
	reading, goOn := make(chan struct{}), make(chan struct{})
	snapshots.mu.Lock()
	snapshots.before = func(*source.Snapshot) {
		close(reading)
		<-goOn
	}
	snapshots.mu.Unlock()
	if err := RequestSnapshot(t.Context(), cfg, "a"); err != nil {
		t.Fatal(err)
	}
	<-reading
	db.exec("INSERT INTO a VALUES (3)")
	r.expect("a snapshot 1", "b snapshot 1", "a insert 2", "a insert 3")
	close(goOn)
	r.expect("a snapshot 1", "b snapshot 1", "a insert 2", "a insert 3", "a snapshot 1", "a snapshot 2")
	db.waitSnapshots(cfg.Slot, 2)
	db.scan(&again, "SELECT streamed_from FROM eventsync.progress WHERE source = 'public.a'")
	if from != again {
		t.Errorf("the stream of a began at %s, and after the second snapshot at %s", from, again)
	}
	if got := snapshots.taken[1]; len(got.Tables) != 1 || got.Tables[0].Table != "a" || got.Tables[0].Round != 1 {
		t.Errorf("the second snapshot is of %v", got.Tables)
	}
	all := r.all()
	if first, last := all[0].version, all[len(all)-1].version; last <= first {
		t.Errorf("the rows of the second snapshot have the version %v, those of the first %v", last, first)
	}
}

// One that was asked for while no producer ran is taken beside the stream, too.
func TestSnapshotRequestedMeanwhile(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")
	cfg := db.config("public.a")
	rec := &recorder{}
	snapshots := &selectRows{db: db, publisher: rec}
	r := start(t, cfg, rec, snapshots)
	db.waitStreaming(cfg.Slot)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if err := RequestSnapshot(t.Context(), cfg, "a"); err != nil {
		t.Fatal(err)
	}
	db.exec("INSERT INTO a VALUES (2)")
	goOn := make(chan struct{})
	snapshots.before = func(*source.Snapshot) { <-goOn }
	r = start(t, cfg, rec, snapshots)
	r.expect("a snapshot 1", "a insert 2") // before the snapshot is read
	close(goOn)
	r.expect("a snapshot 1", "a insert 2", "a snapshot 1", "a snapshot 2")
}

// A snapshot that is interrupted does not stop the stream, and is taken up again.
func TestAnInterruptedSnapshotLeavesTheStreamAlone(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")
	cfg := db.config("public.a")
	rec := &recorder{}
	snapshots := &selectRows{db: db, publisher: rec}
	r := start(t, cfg, rec, snapshots)
	db.waitStreaming(cfg.Slot)
	var pid, after int
	const sql = "SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1"
	db.scan(&pid, sql, cfg.Slot)
	snapshots.mu.Lock()
	snapshots.failures = 2
	snapshots.mu.Unlock()
	if err := RequestSnapshot(t.Context(), cfg, "a"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the snapshot is taken", func() bool { return snapshots.count() == 4 })
	db.waitSnapshots(cfg.Slot, 1)
	if db.scan(&after, sql, cfg.Slot); after != pid {
		t.Errorf("the stream was of server process %d, and is of %d", pid, after)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

// A table that cannot be read keeps neither the others from being read nor the stream from beginning.
func TestATableThatCannotBeReadStopsNoOther(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1); CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (1); CREATE TABLE c (id int PRIMARY KEY)")
	cfg := db.config("public.a", "public.b", "public.c")
	rec := &recorder{}
	snapshots := &selectRows{db: db, publisher: rec, unread: "a"}
	r := start(t, cfg, rec, snapshots)
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO c VALUES (1)")
	db.waitSnapshots(cfg.Slot, 2)
	eventually(t, "b is read and c is streamed", func() bool {
		return slices.Contains(r.lines(), "b snapshot 1") && slices.ContainsFunc(r.lines(), func(l string) bool { return l == "c insert 1" || l == "c snapshot 1" })
	})
	snapshots.mu.Lock()
	snapshots.unread = ""
	snapshots.mu.Unlock()
	db.waitSnapshots(cfg.Slot, 3)
}
