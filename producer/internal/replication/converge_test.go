package replication

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
)

// Whatever transactions are under way when the slot is created, and wherever the stream is broken, the latest version of
// each key is the table's row.
func TestConverges(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			converge(t, seed)
		})
	}
}

func converge(t *testing.T, seed uint64) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, n int, big text) WITH (toast_tuple_target = 128); ALTER TABLE a ALTER big SET STORAGE EXTERNAL")
	if seed%5 == 4 {
		db.exec("ALTER TABLE a REPLICA IDENTITY FULL")
	}
	inText := func(r *Replicator) { r.textOnly = seed%4 == 3 }
	db.exec("INSERT INTO a SELECT i, 0, repeat('x', 300) FROM generate_series(1, 300) i")
	w := db.write(seed)
	w.wait(60)

	rec := &recorder{}
	r := start(t, db.config("public.a"), rec, &selectRows{db: db, publisher: rec}, inText)
	eventually(t, "the snapshot is taken", func() bool { return len(r.all()) > 0 })
	more := int64(20 * (seed % 3)) // with none, most of what was under way at the beginning is not overwritten
	w.wait(more)
	rec.hold(true) // so that some of what was published comes again
	w.wait(20)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	first := len(r.all())
	rec.hold(false)
	w.wait(more)
	r = start(t, db.config("public.a"), rec, &selectRows{db: db, publisher: rec}, inText)
	w.wait(20 + more)
	w.stop()
	db.exec("INSERT INTO a VALUES (-1, 0)") // the last
	eventually(t, "the last change", func() bool {
		all := r.all()
		return len(all) > 0 && all[len(all)-1].values != nil && all[len(all)-1].values[0] == "-1"
	})

	all := r.all()
	checkPositions(t, all[:first])
	checkPositions(t, all[first:])
	once := checkChains(t, all[:first], all[first:])
	checkVersions(t, once)
	compare(t, db, collapse(all))
	compare(t, db, collapse(once))
}

// compare compares the table with what was published last of each key.
func compare(t *testing.T, db *database, latest map[string]recorded) {
	t.Helper()
	rows, err := db.conn.Query(t.Context(), "SELECT id::text, concat_ws(' ', n, coalesce(big, 'NULL')) FROM a")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]string{}
	var id, row string
	if _, err := pgx.ForEachRow(rows, []any{&id, &row}, func() error { table[id] = row; return nil }); err != nil {
		t.Fatal(err)
	}
	for id, row := range table {
		if c, ok := latest[id]; !ok || c.op == change.Delete || c.values[1]+" "+c.values[2] != row {
			t.Errorf("key %s is %.20s in the table, published last: %.60s at %x", id, row, c, c.version)
		}
	}
	for id, c := range latest {
		if _, ok := table[id]; !ok && c.op != change.Delete {
			t.Errorf("key %s is not in the table, published last: %.60s at %x", id, c, c.version)
		}
	}
}
