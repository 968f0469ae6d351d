package replication

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"eventsync/producer/internal/source"
)

const looksOften = 50 * time.Millisecond

// startLooking is start, with looks at the tables often enough for a test.
func startLooking(t testing.TB, cfg Config, rec *recorder, snapshotter Snapshotter) *replica {
	t.Helper()
	return start(t, cfg, rec, snapshotter, func(r *Replicator) { r.look = looksOften })
}

func (r *replica) waitLeftOut(want ...string) {
	r.t.Helper()
	eventually(r.t, fmt.Sprintf("left out: %q", want), func() bool {
		out := r.replicator.LeftOut()
		if len(out) != len(want) {
			return false
		}
		for i, w := range want {
			if !strings.Contains(out[i].Reason.Error(), w) {
				return false
			}
		}
		return true
	})
}

// A table that cannot be replicated is left out, until it is mended; the others go on.
func TestOneBadTable(t *testing.T) {
	for _, c := range []struct {
		name, setup, table string
		want               string
		mend               string
	}{
		{"missing", "", "public.b", "public.b does not exist", "CREATE TABLE b (id int PRIMARY KEY)"},
		{"no identity", "CREATE TABLE b (id int)", "public.b", "no replica identity", "ALTER TABLE b ADD PRIMARY KEY (id)"},
		{"unlogged", "CREATE UNLOGGED TABLE b (id int PRIMARY KEY)", "public.b", "unlogged", "ALTER TABLE b SET LOGGED"},
		{"in the wrong publication", "CREATE TABLE b (id int); CREATE PUBLICATION pub FOR TABLE a, b WITH (publish_via_partition_root = true)", "public.b append", `ALTER PUBLICATION "pub" DROP TABLE "public"."b"`, "ALTER PUBLICATION pub DROP TABLE b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := newDatabase(t)
			db.exec("CREATE TABLE a (id int PRIMARY KEY);" + c.setup)
			cfg := db.config(c.table, "public.a")
			if found := problems(t, cfg); !strings.Contains(found, c.want) || strings.Contains(found, "public.a:") {
				t.Errorf("Check finds %q", found)
			}
			rec := &recorder{}
			r := startLooking(t, cfg, rec, &selectRows{db: db, publisher: rec})
			db.waitStreaming(cfg.Slot)
			db.exec("INSERT INTO a VALUES (1)")
			r.eventuallyHas("a insert 1")
			r.waitLeftOut(c.want)
			db.exec(c.mend)
			db.exec("INSERT INTO b VALUES (1)")
			r.waitLeftOut()
			eventually(t, "the table's row", func() bool {
				lines := strings.Join(r.lines(), ";")
				return strings.Contains(lines, "b snapshot 1") || strings.Contains(lines, "b insert 1")
			})
			db.exec("INSERT INTO b VALUES (2); INSERT INTO a VALUES (2)")
			r.eventuallyHas("b insert 2")
			r.eventuallyHas("a insert 2")
		})
	}
}

// A table that is dropped under the stream is left out, and snapshotted again when it is back.
func TestDroppedTable(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY)")
	cfg := db.config("public.a", "public.b")
	rec := &recorder{}
	r := startLooking(t, cfg, rec, &selectRows{db: db, publisher: rec})
	db.waitStreaming(cfg.Slot)
	db.waitSnapshots(cfg.Slot, 2)
	db.exec("DROP TABLE b")
	r.waitLeftOut("public.b does not exist")
	db.exec("INSERT INTO a VALUES (1)")
	r.eventuallyHas("a insert 1")
	// With a row that is written before the table is in the publication again.
	db.exec("CREATE TABLE b (id int PRIMARY KEY, n int); INSERT INTO b VALUES (1, 1)")
	r.waitLeftOut()
	r.eventuallyHas("b snapshot 1 1")
	db.exec("UPDATE b SET n = 2")
	r.eventuallyHas("b update 1 2")
	// And again, so fast that nobody sees that it was gone.
	db.exec("BEGIN; DROP TABLE b; CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (7); COMMIT")
	r.eventuallyHas("b snapshot 7")
}

// A producer does not end because its only table is gone for a while.
func TestOnlyTableIsDropped(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	rec := &recorder{}
	r := startLooking(t, cfg, rec, &selectRows{db: db, publisher: rec})
	db.waitStreaming(cfg.Slot)
	db.waitSnapshots(cfg.Slot, 1)
	db.exec("DROP TABLE a")
	r.waitLeftOut("public.a does not exist")
	db.exec("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")
	r.waitLeftOut()
	r.eventuallyHas("a snapshot 1")
}

// A table that loses its replica identity must not make UPDATE fail at the source.
func TestLostIdentity(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, n int)")
	cfg := db.config("public.a", "public.b")
	rec := &recorder{}
	r := startLooking(t, cfg, rec, &selectRows{db: db, publisher: rec})
	db.waitStreaming(cfg.Slot)
	db.waitSnapshots(cfg.Slot, 2)
	db.exec("INSERT INTO b VALUES (1, 1)")
	db.exec("ALTER TABLE b DROP CONSTRAINT b_pkey")
	r.waitLeftOut("public.b has no replica identity")
	db.exec("UPDATE b SET n = 2")
	db.exec("ALTER TABLE b ADD PRIMARY KEY (id)")
	r.eventuallyHas("b snapshot 1 2")
}

// Where no table is good there is nothing to do.
func TestAllTablesAreBad(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE b (id int)")
	refused(t, db.config("public.a", "public.b"), &recorder{}, "no table can be replicated", "public.a does not exist", `ALTER TABLE "public"."b" ADD PRIMARY KEY`)
}

// A watched table's changes are streamed, without a snapshot; it is in the publication, and nothing remembers it.
func TestWatchedTable(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE projects (id int PRIMARY KEY, path text); INSERT INTO projects VALUES (1, 'x'); CREATE TABLE plain (id int)")
	cfg := db.config("public.a")
	cfg.watch(source.ParseName("public.projects"))
	cfg.watch(source.ParseName("public.plain"))
	cfg.watch(source.ParseName("public.a"))
	rec := &recorder{}
	r := startLooking(t, cfg, rec, &selectRows{db: db, publisher: rec})
	db.waitStreaming(cfg.Slot)
	db.waitSnapshots(cfg.Slot, 1)
	r.waitLeftOut("public.plain has no replica identity")
	db.waitStreaming(cfg.Slot)
	db.exec("UPDATE projects SET path = 'y'; INSERT INTO a VALUES (1)")
	r.expect("projects update 1 y", "a insert 1")
	var remembered int
	db.scan(&remembered, "SELECT count(*) FROM eventsync.progress")
	if remembered != 1 {
		t.Errorf("%d tables are remembered", remembered)
	}
}
