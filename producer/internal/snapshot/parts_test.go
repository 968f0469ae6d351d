package snapshot

import (
	"fmt"
	"slices"
	"testing"

	"eventsync/compose/local/postgres/postgrestest"
)

// What a publication leaves out is left out, rows and columns, and of a partitioned table's partitions too.
func TestPublishedParts(t *testing.T) {
	if postgrestest.Server(t).Version() < 15 {
		t.Skip("publications have whole tables before version 15")
	}
	f := newFixture(t)
	f.exec(`CREATE TYPE mood AS ENUM ('sad', 'ok');
		CREATE TABLE a (gone int, id int PRIMARY KEY, secret text, n int, m mood, twice int GENERATED ALWAYS AS (n * 2) STORED); ALTER TABLE a DROP gone;
		INSERT INTO a SELECT i, 'secret', i, CASE WHEN i % 2 = 0 THEN 'ok' ELSE 'sad' END::mood FROM generate_series(1, 10) i;
		CREATE TABLE parted (id int PRIMARY KEY, secret text, n int) PARTITION BY RANGE (id);
		CREATE TABLE p1 (n int, secret text, id int NOT NULL);
		ALTER TABLE parted ATTACH PARTITION p1 FOR VALUES FROM (0) TO (10);
		INSERT INTO parted VALUES (1, 'secret', 5), (2, 'secret', 6);
		CREATE TABLE whole (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED); INSERT INTO whole VALUES (1, 1);
		CREATE PUBLICATION pub FOR TABLE a (n, id) WHERE (n > 7 OR n = 1), parted (id, n) WHERE (n > 5), whole WITH (publish_via_partition_root = true);
		CREATE PUBLICATION pub_append FOR TABLE a (n, id) WHERE (n = 3) WITH (publish = 'insert')`)
	for table, want := range map[string][]string{
		"a": {"10|10", "1|1", "3|3", "8|8", "9|9"}, "parted": {"2|6"}, "whole": {"1|1"},
	} {
		s := f.export(public(table))
		s.Publications = []string{"pub", "pub_append"}
		rec := &recorder{}
		if err := f.copy(rec, s); err != nil {
			t.Fatal(err)
		}
		if slices.Sort(rec.rows); !slices.Equal(rec.rows, want) {
			t.Errorf("%s: rows are %q, want %q", table, rec.rows, want)
		}
		for _, c := range rec.changes[0].Relation.Columns {
			if c.Name != "id" && c.Name != "n" || c.Key != (c.Name == "id") {
				t.Errorf("%s has a column %s", table, fmt.Sprintf("%+v", c))
			}
		}
	}
}
