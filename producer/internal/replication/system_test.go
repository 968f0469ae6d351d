package replication

import (
	"errors"
	"strings"
	"testing"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// refused runs a Replicator, which must refuse; the refusal must say what is wanted.
func refused(t testing.TB, cfg Config, rec *recorder, want ...string) source.Refusal {
	t.Helper()
	err := runOnceWith(t, cfg, rec)
	var refusal *source.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("it ended with %v, no refusal", err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the refusal %q does not say %q", err, w)
		}
	}
	return *refusal
}

// synced gives a database with a table that was streamed from, and what was published.
func synced(t *testing.T) (*database, Config, *recorder) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")
	cfg := db.config("public.a")
	cfg.Tables[0].Target = "events"
	rec := &recorder{}
	r := start(t, cfg, rec, &selectRows{db: db, publisher: rec})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (2)")
	r.expect("a snapshot 1", "a insert 2")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	return db, cfg, rec
}

// A table that moves to another cluster goes on under a raised epoch only, whose changes come after all earlier ones.
func TestAnotherCluster(t *testing.T) {
	db, cfg, rec := synced(t)
	last := rec.all()[1]
	// As it is after a restore into another cluster, with and without the slot.
	db.exec("UPDATE eventsync.slots SET system_identifier = '1'")
	refused(t, cfg, rec, "another cluster", "system identifier", "producer.epoch to 1", "DELETE FROM events WHERE _version < 72057594037927936")
	db.dropSlots()
	refused(t, cfg, rec, "another cluster")

	cfg.Epoch = 1
	next := &recorder{}
	r := start(t, cfg, next, &selectRows{db: db, publisher: next})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (3)")
	r.expect("a snapshot 1", "a snapshot 2", "a insert 3")
	for _, c := range r.all() {
		if c.version.Epoch() != 1 || c.version <= last.version || !c.position.IsZero() && c.position.Compare(last.position) <= 0 {
			t.Errorf("%v has version %x and position %v: it would pass for older than %x at %v", c, c.version, c.position, last.version, last.position)
		}
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	// From now on it is this cluster, and this epoch.
	db.exec("INSERT INTO a VALUES (4)")
	r = start(t, cfg, &recorder{}, noRows{})
	r.expect("a insert 4")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	cfg.Epoch = 0
	refused(t, cfg, rec, "producer.epoch is 0", "set producer.epoch to 1")
}

// A raised epoch begins anew also where the slot is still there.
func TestRaisedEpochWithItsSlot(t *testing.T) {
	db, cfg, _ := synced(t)
	cfg.Epoch = 7
	next := &recorder{}
	r := start(t, cfg, next, &selectRows{db: db, publisher: next})
	r.expect("a snapshot 1", "a snapshot 2")
}

func TestNoEpochIsLeft(t *testing.T) {
	db, cfg, rec := synced(t)
	db.exec("UPDATE eventsync.slots SET system_identifier = '1', epoch = 255")
	cfg.Epoch = 255
	refused(t, cfg, rec, "no epoch left", "kafka.topic_prefix")
}

// A cluster without eventsync's memory is no first start if the topics are ahead of it.
func TestTopicsOfAnotherCluster(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	rec := &recorder{published: change.LSN(1 << 50)}
	refused(t, cfg, rec, "past the end of the server's log", "set producer.epoch to 1")
	cfg.Epoch = 1
	start(t, cfg, rec, noRows{})
	db.waitStreaming(cfg.Slot)
}
