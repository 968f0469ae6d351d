package clickhouse_test

import (
	"testing"
)

func TestDeduplicationToken(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	e := newEvents(0, 1000)
	for _, name := range []string{"a", "a", "b", "a", "b"} {
		insertEvents(t, c, table, e, token(name))
	}
	expect(t, c, "SELECT count() FROM "+table, "2000")
	expect(t, c, "SELECT empty(getSetting('insert_deduplication_token'))", "1")

	e.fill(5000, 10) // other rows with a token that is known
	insertEvents(t, c, table, e, token("a"))
	expect(t, c, "SELECT countIf(id >= 5000) FROM "+table, "0")
}

func TestDeduplicationOfEqualBlocks(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	e := newEvents(0, 1000)
	insertEvents(t, c, table, e)
	insertEvents(t, c, table, e)
	expect(t, c, "SELECT count() FROM "+table, "1000")
}

func TestDeduplicationOfManyBlocks(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	for range 2 {
		if err := streamEvents(t.Context(), c, table, 12, 100_000, always, token("many")); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, c, "SELECT count() FROM "+table, "1200000")
}

// A view is fed again when its table skips a block that it knows (in ClickHouse 26.7, and whether or not the gateway is
// in between), so a view counts once only if it has a deduplication window of its own, and the setting is on.
func TestDeduplicationInMaterializedViews(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	view := table + "_view"
	dropAround(t, c, "TABLE "+view)
	exec(t, c, "CREATE MATERIALIZED VIEW "+view+" (kind String, n UInt64) ENGINE = SummingMergeTree ORDER BY kind SETTINGS non_replicated_deduplication_window = 1000"+
		" AS SELECT target_type AS kind, count() AS n FROM "+table+" GROUP BY kind")
	e := newEvents(0, 600)
	for _, name := range []string{"a", "a", "b"} {
		insertEvents(t, c, table, e, token(name), setting("deduplicate_blocks_in_dependent_materialized_views", "1"))
	}
	expect(t, c, "SELECT sum(n) FROM "+view, "1200")
}
