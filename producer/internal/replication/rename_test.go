package replication

import "testing"

func TestRenamed(t *testing.T) {
	const columns = " (id int PRIMARY KEY, s text)"
	for name, c := range map[string]struct {
		before, while string // before the producer starts again, and while it runs
		want          []string
	}{
		"and back": {
			while: "ALTER TABLE a RENAME TO b; INSERT INTO b VALUES (2); ALTER TABLE b RENAME TO a; INSERT INTO a VALUES (3)",
			want:  []string{"a insert 2 NULL", "a insert 3 NULL"},
		},
		"and moved": {
			while: "CREATE SCHEMA s; ALTER TABLE a SET SCHEMA s; INSERT INTO s.a VALUES (2); ALTER TABLE s.a RENAME TO b; UPDATE s.b SET s = 'x' WHERE id = 2",
			want:  []string{"a insert 2 NULL", "a update 2 x"},
		},
		"before the decoding, and back": {
			before: "INSERT INTO a VALUES (2); ALTER TABLE a RENAME TO b; INSERT INTO b VALUES (3); ALTER TABLE b RENAME TO a",
			while:  "INSERT INTO a VALUES (4)",
			want:   []string{"a insert 2 NULL", "a insert 3 NULL", "a insert 4 NULL"},
		},
		"exchanged": { // the other one's rows are what the first one's were, and no TRUNCATE of the first is of the second
			before: "CREATE TABLE n" + columns + "; INSERT INTO n SELECT * FROM a; ALTER PUBLICATION pub ADD TABLE n",
			while:  "BEGIN; ALTER TABLE a RENAME TO old; ALTER TABLE n RENAME TO a; COMMIT; UPDATE old SET s = 'old'; TRUNCATE old; INSERT INTO a VALUES (2)",
			want:   []string{"a insert 2 NULL"},
		},
		"created again": {
			while: "DROP TABLE a; CREATE TABLE a" + columns + "; ALTER PUBLICATION pub ADD TABLE a; INSERT INTO a VALUES (2)",
			want:  []string{"a insert 2 NULL"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := newDatabase(t)
			db.exec("CREATE TABLE a" + columns)
			cfg := db.config("public.a")
			r := start(t, cfg, &recorder{}, noRows{})
			db.waitStreaming(cfg.Slot)
			db.exec("INSERT INTO a VALUES (1)")
			r.expect("a insert 1 NULL")
			r.waitEnd()
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
			db.each(c.before)
			r = start(t, cfg, &recorder{}, noRows{})
			r.replicator.waitFor(t, Streaming) // itself, not the one before, which the server may not have let go of yet
			db.each(c.while)
			r.expect(c.want...)
		})
	}
}
