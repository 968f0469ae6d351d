package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/replication"
	"eventsync/producer/internal/snapshot"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// Whenever a snapshot is killed, and whatever is done to its table meanwhile, in the end the latest version of each key
// is the table's row.
func TestSnapshotsConvergeThroughKills(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed)
			w.converge()
		})
	}
}

const (
	// Two rows fill a page, so that an update moves its row; six chunks.
	worldRows = 2*5*1024 + 1000
	writers   = 3
)

// world is a table under change.
type world struct {
	t       *testing.T
	random  *rand.Rand
	conn    *pgx.Conn
	cfg     *config.Config
	store   *state.Store
	topic   *topic
	written atomic.Int64
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	db := postgrestest.New(t)
	cfg := config.Default()
	cfg.Postgres.DSN = config.Secret(db.DSN)
	cfg.Producer.Slot = "slot_" + db.Name
	cfg.Tables = []config.Table{{Source: "public.a"}}
	store, err := state.New(cfg.Postgres.DSN, cfg.Producer.Slot)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	w := &world{
		t: t, random: rand.New(rand.NewPCG(seed, 0)), conn: postgrestest.Connect(t, db.DSN), cfg: &cfg, store: store,
		topic: &topic{latest: map[int64]row{}},
	}
	w.exec(`CREATE TABLE a (id int PRIMARY KEY, n int, pad text) WITH (autovacuum_enabled = off); ALTER TABLE a ALTER pad SET STORAGE PLAIN`)
	w.exec(fmt.Sprintf("INSERT INTO a SELECT i, 0, repeat('x', 3900) FROM generate_series(1, %d) i", worldRows))
	w.exec("CREATE TABLE b (id int PRIMARY KEY, n int)")
	return w
}

func (w *world) exec(sql string) {
	w.t.Helper()
	if _, err := w.conn.Exec(w.t.Context(), sql); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// remembered is what is remembered of the table.
func (w *world) remembered() state.Table {
	w.t.Helper()
	known, err := w.store.Tables(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return known[source.ParseName("public.a")]
}

// await polls until ok.
func (w *world) await(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			w.t.Fatalf("not within 30 s: %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}

// start runs a producer; kill ends it hard.
func (w *world) start() (kill func()) {
	w.t.Helper()
	into := &writer{topic: w.topic, given: map[int64]row{}, random: rand.New(rand.NewPCG(w.random.Uint64(), 0))}
	r, err := replication.New(replication.Configure(w.cfg), into, snapshot.New(w.cfg, into, zap.NewNop()), zap.NewNop())
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	return sync.OnceFunc(func() {
		into.kill()
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, errKilled) {
			w.t.Errorf("the producer ended with %v", err)
		}
	})
}

func (w *world) converge() {
	writing, stop := context.WithCancel(w.t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	for range writers {
		c, random := postgrestest.Connect(w.t, w.conn.Config().ConnString()), rand.New(rand.NewPCG(w.random.Uint64(), 0))
		group.Go(func() {
			for writing.Err() == nil {
				w.write(c, random)
			}
		})
	}
	if w.random.IntN(2) == 0 { // the table comes to one that is streamed already
		all := w.cfg.Tables
		w.cfg.Tables = []config.Table{{Source: "public.b"}}
		kill := w.start()
		w.await("b is there", func() bool {
			known, err := w.store.Tables(w.t.Context())
			return err == nil && known[source.ParseName("public.b")].Done
		})
		kill()
		w.cfg.Tables = append(all, w.cfg.Tables...)
	}
	resumed := 0
	for range 4 {
		before := w.remembered()
		kill := w.start()
		after := before.ChunksDone + int64(w.random.IntN(2))
		w.await("the snapshot has come further", func() bool {
			now := w.remembered()
			return now.Done || now.ChunksDone > after
		})
		for range w.random.IntN(20) {
			<-time.After(time.Millisecond)
		}
		kill()
		w.meanwhile()
		if now := w.remembered(); now.ChunksDone > 0 && !now.Done {
			resumed++
		}
	}
	kill := w.start()
	defer kill()
	w.await("the snapshot is done", func() bool { return w.remembered().Done })
	stop()
	group.Wait()
	w.exec("INSERT INTO a VALUES (-1, 0)")
	w.await("the last change is there", func() bool {
		w.topic.mu.Lock()
		defer w.topic.mu.Unlock()
		_, ok := w.topic.latest[-1]
		return ok
	})
	kill()
	w.compare()
	w.t.Logf("%d interruptions were gone on from; of %d rows, %d were read; %d transactions", resumed, worldRows, w.topic.read, w.written.Load())
}

// meanwhile does, between two producers, what else may be done to a table.
func (w *world) meanwhile() {
	for until := w.written.Load() + 50; w.written.Load() < until; {
		<-time.After(time.Millisecond)
	}
	switch w.random.IntN(5) {
	case 0, 1:
		w.exec(fmt.Sprintf("BEGIN; LOCK TABLE a; DELETE FROM a WHERE id %% 5 = %d; COMMIT", w.random.IntN(5)))
		w.exec("VACUUM FULL a") // moves all rows behind the first that is gone
	case 2:
		w.exec("VACUUM a") // makes room on earlier pages
	case 3:
		if err := replication.RequestSnapshot(w.t.Context(), replication.Configure(w.cfg), "a"); err != nil {
			w.t.Error(err)
		}
	}
}

// write does a random transaction, which may fail and then has done nothing.
func (w *world) write(c *pgx.Conn, random *rand.Rand) {
	ctx := context.Background()
	sql := "BEGIN"
	for range 1 + random.IntN(10) {
		id, n := 1+random.IntN(worldRows+500), random.IntN(1_000_000)
		switch random.IntN(6) {
		case 0:
			sql += fmt.Sprintf("; DELETE FROM a WHERE id = %d", id)
		case 1:
			sql += fmt.Sprintf("; INSERT INTO a VALUES (%d, %d, repeat('y', 3900)) ON CONFLICT (id) DO UPDATE SET n = excluded.n", id, n)
		default:
			sql += fmt.Sprintf("; UPDATE a SET n = %d WHERE id = %d", n, id)
		}
	}
	if _, err := c.Exec(ctx, sql+"; "+[]string{"COMMIT", "COMMIT", "ROLLBACK"}[random.IntN(3)]); err != nil {
		_, _ = c.Exec(ctx, "ROLLBACK")
	}
	w.written.Add(1)
}

func (w *world) compare() {
	w.t.Helper()
	rows, err := w.conn.Query(w.t.Context(), "SELECT id, n FROM a")
	if err != nil {
		w.t.Fatal(err)
	}
	table := map[int64]int64{}
	var id, n int64
	if _, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error { table[id] = n; return nil }); err != nil {
		w.t.Fatal(err)
	}
	for id, n := range table {
		if r, ok := w.topic.latest[id]; !ok || r.op == change.Delete || r.n != n {
			w.t.Errorf("row %d has %d in the table, and %+v was published last", id, n, r)
		}
	}
	for id, r := range w.topic.latest {
		if _, ok := table[id]; !ok && r.op != change.Delete {
			w.t.Errorf("row %d is not in the table, and %+v was published last", id, r)
		}
	}
}
