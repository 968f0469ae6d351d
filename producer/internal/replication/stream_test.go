package replication

import (
	"slices"
	"strings"
	"testing"
)

// expect waits for the published changes to be these, and fails when they are others.
func (r *replica) expect(want ...string) {
	r.t.Helper()
	eventually(r.t, "published: "+strings.Join(want, "; "), func() bool {
		got := r.lines()
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				r.t.Fatalf("change %d is %q, want %q", i, got[i], want[i])
			}
		}
		return len(got) >= len(want)
	})
	if got := r.lines(); !slices.Equal(got, want) {
		r.t.Fatalf("published %q, want %q", got, want)
	}
}

func TestStreamsChanges(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id bigint PRIMARY KEY, name text, n int)")
	cfg := db.config("public.a")
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (1, 'one', 10), (2, NULL, 20)")
	db.exec("UPDATE a SET n = 11 WHERE id = 1")
	db.exec("UPDATE a SET id = 3 WHERE id = 2")
	db.exec("DELETE FROM a WHERE id = 1")
	db.exec("BEGIN; INSERT INTO a VALUES (4, 'x', 1); SAVEPOINT s; INSERT INTO a VALUES (5, 'y', 1); ROLLBACK TO s; INSERT INTO a VALUES (6, 'z', 1); COMMIT")
	db.exec("BEGIN; INSERT INTO a VALUES (7, 'x', 1); ROLLBACK")
	db.exec("TRUNCATE a")
	r.expect(
		"a insert 1 one 10", "a insert 2 NULL 20", "a update 1 one 11",
		"a delete 2 ? ?", "a insert 3 NULL 20", "a delete 1 ? ?",
		"a insert 4 x 1", "a insert 6 z 1", "a truncate",
	)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}
