package replication

import (
	"testing"

	"eventsync/compose/local/postgres/postgrestest"
)

// A publication of some columns, and of some rows, gives relations that the catalog describes alike.
func TestPublishedParts(t *testing.T) {
	if postgrestest.Server(t).Version() < 15 {
		t.Skip("publications have whole tables before version 15")
	}
	db := newDatabase(t)
	db.exec(`CREATE TABLE a (gone int, id int PRIMARY KEY, secret text, twice int GENERATED ALWAYS AS (n * 2) STORED, n int); ALTER TABLE a DROP gone;
		CREATE TABLE whole (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED, n int);
		CREATE TABLE log (id int, secret text, n int);
		CREATE PUBLICATION pub FOR TABLE a (n, id) WHERE (id > 1), whole WITH (publish_via_partition_root = true);
		CREATE PUBLICATION pub_append FOR TABLE log (id, n) WHERE (n > 1) WITH (publish = 'insert', publish_via_partition_root = true)`)
	cfg := db.config("public.a", "public.whole", "public.log append")
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a (id, secret, n) VALUES (1, 'x', 1), (2, 'x', 2); INSERT INTO whole (id, n) VALUES (1, 1); INSERT INTO log VALUES (1, 'x', 1), (1, 'x', 2)")
	db.exec("UPDATE a SET id = 3 WHERE id = 1; UPDATE a SET id = 0 WHERE id = 2") // into the filter, and out of it
	r.expect("a insert 2 2", "whole insert 1 1", "log insert 1 2", "a insert 3 1", "a delete 2 ?")
	for _, streamed := range r.relations {
		if found := describe(t, db, streamed); !sameShape(streamed, found) {
			t.Errorf("streamed as %+v, in the catalog %+v", streamed, found)
		}
	}
}
