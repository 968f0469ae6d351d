package replication

import (
	"slices"
	"strings"
	"testing"
)

// traces is what is left at the source.
func (db *database) traces() []string {
	db.t.Helper()
	var left []string
	db.scan(&left, `SELECT array(
		SELECT 'publication ' || pubname FROM pg_publication
		UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots WHERE database = current_database()
		UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'public')
		ORDER BY 1)`)
	return left
}

func TestDrop(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int)")
	cfg := db.config("public.a", "public.b append")
	drop := func(really bool) []string {
		t.Helper()
		did, err := Drop(t.Context(), cfg, really, nopLog(t))
		if err != nil {
			t.Fatal(err)
		}
		return did
	}
	if did := drop(true); len(did) > 0 {
		t.Errorf("where nothing is, it dropped %q", did)
	}
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	want := []string{"publication pub", "publication pub_append", "schema eventsync", "slot " + cfg.Slot}
	if got := db.traces(); !slices.Equal(got, want) {
		t.Errorf("while it runs there are %q", got)
	}
	if did, err := Drop(t.Context(), cfg, true, nopLog(t)); err == nil || !strings.Contains(err.Error(), "a producer is running") || len(did) > 0 {
		t.Errorf("while it runs: %q, %v", did, err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if did := drop(false); len(did) != 4 {
		t.Errorf("it would drop %q", did)
	}
	if got := db.traces(); !slices.Equal(got, want) {
		t.Errorf("after it said what it would do there are %q", got)
	}
	if did := drop(true); len(did) != 4 {
		t.Errorf("it dropped %q", did)
	}
	if got := db.traces(); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
	// As if it had never been there.
	again := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (1)")
	again.expect("a insert 1")
}

// What another slot has is not touched.
func TestDropBesideAnother(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	other := db.config("public.a")
	other.Slot, other.Publication = other.Slot+"_other", "other"
	cfg := db.config("public.a")
	for _, c := range []Config{other, cfg} {
		r := start(t, c, &recorder{}, noRows{})
		db.waitStreaming(c.Slot)
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Drop(t.Context(), cfg, true, nopLog(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := db.traces(), []string{"publication other", "publication other_append", "schema eventsync", "slot " + other.Slot}; !slices.Equal(got, want) {
		t.Errorf("there are %q", got)
	}
	cfg.Slot = other.Slot
	db.exec("SELECT pg_drop_replication_slot('" + other.Slot + "'), pg_create_logical_replication_slot('" + other.Slot + "', 'test_decoding')")
	if _, err := Drop(t.Context(), cfg, true, nopLog(t)); err == nil || !strings.Contains(err.Error(), "somebody else's") {
		t.Errorf("of another's slot it says %v", err)
	}
}
