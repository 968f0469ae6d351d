package replication

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
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
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	// A stop confirms all that is safe at once.
	db.exec("INSERT INTO a VALUES (5)")
	r = start(t, cfg, &recorder{}, noRows{})
	r.expect("a insert 5")
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
	db.exec("ALTER DATABASE " + db.name + " SET wal_sender_timeout = '300ms'")
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
	db.waitReplies(20) // of one every 75 ms: several times the server's patience
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

// selectRows is a Snapshotter that reads as slowly and as simply as can be.
type selectRows struct {
	db        *database
	publisher Publisher
	mu        sync.Mutex
	taken     []*source.Snapshot
	failures  int // how many snapshots fail after their first table's rows
	before    func(*source.Snapshot)
}

func (s *selectRows) Copy(ctx context.Context, snapshot *source.Snapshot, done func(context.Context, source.Name) error) error {
	s.mu.Lock()
	s.taken = append(s.taken, snapshot)
	fails := s.failures > 0
	s.failures--
	s.mu.Unlock()
	if s.before != nil {
		s.before(snapshot)
	}
	changes, err := readSnapshot(ctx, string(s.db.dsn), snapshot)
	if err != nil {
		return err
	}
	if err := s.publisher.Publish(ctx, changes); err != nil {
		return err
	}
	if fails {
		return errors.New("the snapshot was interrupted")
	}
	for _, t := range snapshot.Tables {
		if err := done(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *selectRows) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.taken)
}

// waitSnapshots waits until so many tables' snapshots are done.
func (db *database) waitSnapshots(slot string, tables int) {
	db.t.Helper()
	eventually(db.t, "snapshots are done", func() bool {
		var n int
		db.scan(&n, "SELECT count(*) FROM eventsync.progress WHERE slot = $1 AND done", slot)
		return n == tables
	})
}

func TestSnapshotOfNewTables(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1); CREATE TABLE log (id int)")
	cfg := db.config("public.a", "public.log append")
	rec := &recorder{}
	snapshots := &selectRows{db: db, publisher: rec}
	r := start(t, cfg, rec, snapshots)
	r.expect("a snapshot 1")
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (2)")
	r.expect("a snapshot 1", "a insert 2")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	db.exec("INSERT INTO a VALUES (3)")
	db.exec("CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (1)")
	cfg.Tables = append(cfg.Tables, Table{Name: source.ParseName("public.b")})
	// While b is being read, a's changes are streamed already, and b's that came after its snapshot's beginning.
	reading, goOn := make(chan struct{}), make(chan struct{})
	snapshots.before = func(*source.Snapshot) {
		close(reading)
		<-goOn
	}
	r = start(t, cfg, rec, snapshots)
	<-reading
	db.exec("INSERT INTO b VALUES (2); INSERT INTO a VALUES (4)")
	r.expect("a snapshot 1", "a insert 2", "a insert 3", "b insert 2", "a insert 4")
	close(goOn)
	r.expect("a snapshot 1", "a insert 2", "a insert 3", "b insert 2", "a insert 4", "b snapshot 1")
	db.waitSnapshots(cfg.Slot, 3)
	if got := snapshots.taken[1].Tables; len(got) != 1 || got[0].Table != "b" {
		t.Errorf("the second snapshot is of %v", got)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	// Nothing is due any more.
	snapshots.before = nil
	db.exec("INSERT INTO b VALUES (3)")
	r = start(t, cfg, &recorder{}, snapshots)
	r.expect("b insert 3")
	if n := snapshots.count(); n != 2 {
		t.Errorf("%d snapshots were taken, want 2", n)
	}
}

// A snapshot that failed is taken again, and what was published of it does not outlive its row.
func TestInterruptedSnapshot(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 1), (2, 1)")
	cfg := db.config("public.a")
	rec := &recorder{}
	snapshots := &selectRows{db: db, publisher: rec, failures: 1}
	snapshots.before = func(s *source.Snapshot) {
		if len(snapshots.taken) == 2 {
			return
		}
		db.exec("DELETE FROM a WHERE id = 1; UPDATE a SET n = 2; INSERT INTO a VALUES (3, 1)")
	}
	r := start(t, cfg, rec, snapshots)
	eventually(t, "all is published", func() bool { return slices.Contains(r.lines(), "a insert 3 1") })
	if got := collapse(r.all()); got["1"].op != change.Delete || got["2"].values[1] != "2" || got["3"].values[1] != "1" {
		t.Errorf("in the end: %v", got)
	}
	if n := snapshots.count(); n != 2 {
		t.Errorf("%d snapshots were taken, want 2", n)
	}
	if !strings.Contains(strings.Join(r.lines(), ";"), "a snapshot 1 1;") {
		t.Errorf("the first snapshot left nothing behind: the test is in vain: %q", r.lines())
	}
}
