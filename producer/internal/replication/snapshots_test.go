package replication

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
	"eventsync/producer/internal/source/state"
)

// selectRows is a Snapshotter that reads as slowly and as simply as can be.
type selectRows struct {
	db        *database
	publisher Publisher
	mu        sync.Mutex
	taken     []*source.Snapshot
	unread    string // a table that cannot be read
	failures  int    // how many snapshots fail after their first table's rows
	before    func(*source.Snapshot)
}

func (s *selectRows) Copy(ctx context.Context, snapshot *source.Snapshot, remembered *state.Store) error {
	s.mu.Lock()
	s.taken = append(s.taken, snapshot)
	fails := s.failures > 0
	s.failures--
	before, unread := s.before, s.unread
	s.mu.Unlock()
	if before != nil {
		before(snapshot)
	}
	if slices.ContainsFunc(snapshot.Tables, func(d source.Due) bool { return d.Table == unread }) {
		return errors.New("it cannot be read")
	}
	changes, err := readSnapshot(ctx, string(s.db.dsn), snapshot)
	if err != nil {
		return err
	}
	snapshot.Release()
	if err := s.publisher.Publish(ctx, changes); err != nil {
		return err
	}
	if fails {
		return errors.New("the snapshot was interrupted")
	}
	for _, t := range snapshot.Tables {
		if err := remembered.Done(ctx, t.Name, t.Round); err != nil {
			return err
		}
	}
	return nil
}

func nopLog(t testing.TB) *zap.Logger { return zaptest.NewLogger(t) }

// readSnapshot reads the tables of a snapshot.
func readSnapshot(ctx context.Context, dsn string, s *source.Snapshot) ([]change.Change, error) {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close(context.Background()) }()
	if _, err := c.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT "+source.QuoteLiteral(s.ID)); err != nil {
		return nil, err
	}
	var changes []change.Change
	for _, name := range s.Tables {
		rows, err := c.Query(ctx, "SELECT * FROM "+name.SQL(), pgx.QueryResultFormats{pgx.TextFormatCode})
		if err != nil {
			return nil, err
		}
		relation := &change.Relation{Schema: name.Schema, Table: name.Table}
		var types []pgvalue.Type
		for _, f := range rows.FieldDescriptions() {
			t, typeName, _ := pgvalue.Builtin(f.DataTypeOID)
			types = append(types, t)
			relation.Columns = append(relation.Columns, change.Column{Name: f.Name, Type: t.Change(), SourceType: typeName})
		}
		var d pgvalue.Decoder
		for rows.Next() {
			row := change.Change{Relation: relation, Op: change.Snapshot, Version: s.Version, CommitTime: s.Taken.UnixMicro()}
			for i, b := range rows.RawValues() {
				v := change.NullValue()
				if b != nil {
					if v, err = d.Text(types[i], append([]byte(nil), b...)); err != nil {
						return nil, err
					}
				}
				row.Values = append(row.Values, v)
			}
			changes = append(changes, row)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return changes, nil
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
	r.waitEnd()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	db.exec("INSERT INTO a VALUES (3)")
	db.exec("CREATE TABLE b (id int PRIMARY KEY)")
	db.exec("ALTER PUBLICATION pub ADD TABLE b") // so that the slot has the row too, which must come from the snapshot only
	db.exec("INSERT INTO b VALUES (1)")
	cfg.Tables = append(cfg.Tables, Table{Name: source.ParseName("public.b")})
	// While b is being read, a's changes are streamed already, and b's that came after its snapshot's beginning.
	reading, goOn := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(goOn) })
	snapshots.before = func(*source.Snapshot) {
		close(reading)
		<-goOn
	}
	r = start(t, cfg, rec, snapshots)
	t.Cleanup(release)
	<-reading
	db.exec("INSERT INTO b VALUES (2); INSERT INTO a VALUES (4)")
	r.expect("a snapshot 1", "a insert 2", "a insert 3", "b insert 2", "a insert 4")
	release()
	r.expect("a snapshot 1", "a insert 2", "a insert 3", "b insert 2", "a insert 4", "b snapshot 1")
	db.waitSnapshots(cfg.Slot, 3)
	r.waitEnd()
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
