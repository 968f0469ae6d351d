package replication

import (
	"errors"
	"slices"
	"testing"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// confirmedFlush is what the slot has been told.
func (db *database) confirmedFlush(slot string) change.LSN {
	db.t.Helper()
	var lsn int64
	db.scan(&lsn, "SELECT (confirmed_flush_lsn - '0/0')::int8 FROM pg_replication_slots WHERE slot_name = $1", slot)
	return change.LSN(lsn)
}

func TestConfirmsOnlyWhatIsSafe(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE other (id int)")
	cfg := db.config("public.a")
	rec := &recorder{}
	r := start(t, cfg, rec, noRows{})
	db.waitStreaming(cfg.Slot)
	rec.hold(true)
	db.exec("INSERT INTO a VALUES (1)")
	r.expect("a insert 1")
	commit := r.all()[0].position.Commit
	// Statuses go out meanwhile, and must not confirm the change; nor may what the server says of later places.
	db.exec("INSERT INTO other SELECT generate_series(1, 1000)")
	db.waitReplies(2)
	if got := db.confirmedFlush(cfg.Slot); got > commit {
		t.Errorf("%v is confirmed, though the change of the transaction committed at %v is not safe", got, commit)
	}
	rec.hold(false)
	eventually(t, "the change is confirmed", func() bool { return db.confirmedFlush(cfg.Slot) > commit })
	var end int64
	db.exec("INSERT INTO other SELECT generate_series(1, 1000)")
	db.scan(&end, "SELECT (pg_current_wal_insert_lsn() - '0/0')::int8")
	eventually(t, "what is not ours is confirmed too", func() bool { return db.confirmedFlush(cfg.Slot) >= change.LSN(end) })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func (r *recorder) hold(held bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = held
	if !held {
		r.confirmed = r.committed
	}
}

// waitReplies waits until the server has had so many more statuses.
func (db *database) waitReplies(n int) {
	db.t.Helper()
	seen := map[string]bool{}
	eventually(db.t, "statuses", func() bool {
		var at string
		db.scan(&at, "SELECT coalesce(max(r.reply_time)::text, '') FROM pg_stat_replication r JOIN pg_replication_slots s ON s.active_pid = r.pid WHERE s.database = $1", db.name)
		seen[at] = true
		return len(seen) > n
	})
}

// What was confirmed does not come again, what was not does, in the same order and with the same positions.
func TestRestart(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	first := &recorder{}
	r := start(t, cfg, first, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (1)")
	r.expect("a insert 1")
	confirmed := func() bool {
		return db.confirmedFlush(cfg.Slot) > first.all()[0].position.Commit
	}
	eventually(t, "the first is confirmed", confirmed)
	first.hold(true)
	db.exec("INSERT INTO a VALUES (2)")
	db.exec("INSERT INTO a VALUES (3)")
	r.expect("a insert 1", "a insert 2", "a insert 3")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	db.exec("INSERT INTO a VALUES (4)")
	r = start(t, cfg, &recorder{}, noRows{})
	r.expect("a insert 2", "a insert 3", "a insert 4")
	for i, again := range r.all()[:2] {
		if before := first.all()[i+1]; again.position != before.position || again.version != before.version {
			t.Errorf("%v came again as %+v, was %+v", again, again, before)
		}
	}
	r.waitEnd()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	// A stop confirms all that is safe at once.
	db.exec("INSERT INTO a VALUES (5)")
	r = start(t, cfg, &recorder{}, noRows{})
	r.expect("a insert 5")
}

// waitEnd waits until the end of the last change's transaction is confirmed: it may come after the change.
func (r *replica) waitEnd() {
	r.t.Helper()
	eventually(r.t, "the transaction's end is confirmed", func() bool {
		var last change.LSN
		for _, c := range r.all() {
			last = max(last, c.position.Commit)
		}
		return r.Confirmed() > last
	})
}

func TestConnectionIsCut(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	r := start(t, cfg, &recorder{}, noRows{})
	for i := range 5 {
		db.waitStreaming(cfg.Slot)
		db.exec("INSERT INTO a VALUES ($1)", i)
		db.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'eventsync'", db.name)
	}
	eventually(t, "all are published", func() bool {
		lines := r.lines()
		slices.Sort(lines)
		return len(slices.Compact(lines)) == 5
	})
}

func TestLongTransactionOutlastsTheServersPatience(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, pad text)")
	db.exec("ALTER DATABASE " + db.name + " SET wal_sender_timeout = '1s'")
	cfg := db.config("public.a")
	rec := &recorder{}
	r := start(t, cfg, rec, noRows{})
	db.waitStreaming(cfg.Slot)
	var pid, now int
	const pidSQL = "SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1"
	db.scan(&pid, pidSQL, cfg.Slot)
	release := rec.blocked()
	// More than the sockets' buffers hold, so that the server waits in the middle of it.
	db.exec("INSERT INTO a SELECT i, repeat('x', 1000) FROM generate_series(1, 30000) i")
	db.waitReplies(12) // of one every 250 ms: three times the server's patience
	db.scan(&now, pidSQL, cfg.Slot)
	if now != pid {
		t.Errorf("the stream was broken: server process %d, was %d", now, pid)
	}
	release()
	eventually(t, "all are published", func() bool { return len(r.all()) == 30_000 })
}

// blocked has Publish wait until the function is called.
func (r *recorder) blocked() (release func()) {
	block := make(chan struct{})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.block = block
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.block = nil
		close(block)
	}
}

func TestStandby(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	first := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	second := start(t, cfg, &recorder{}, noRows{})
	eventually(t, "the second stands by", func() bool {
		var n int
		db.scan(&n, "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'SELECT pg_try_advisory_lock%'", db.name)
		return n > 0
	})
	db.exec("INSERT INTO a VALUES (1)")
	first.expect("a insert 1")
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	db.exec("INSERT INTO a VALUES (2)")
	second.expect("a insert 2")
}

func TestFailedPublishEndsIt(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	broken := errors.New("broken")
	rec := &recorder{fail: broken}
	r, err := New(cfg, rec, noRows{}, nopLog(t))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- r.Run(t.Context()) }()
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (1)")
	var publish *source.PublishError
	if err := <-done; !errors.As(err, &publish) || !errors.Is(err, broken) {
		t.Errorf("it ended with %v", err)
	}
}
