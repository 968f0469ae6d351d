package replication

import (
	"strings"
	"testing"
)

// What happens to tables while they are streamed. Statements are executed one after the other, each in a transaction of
// its own unless they say otherwise.
func TestWhatTheStreamHolds(t *testing.T) {
	for name, c := range map[string]struct {
		create string
		tables []string
		do     string
		want   []string
	}{
		"a column renamed": {
			create: "CREATE TABLE a (id int PRIMARY KEY, s text)", tables: []string{"public.a"},
			do:   "INSERT INTO a VALUES (1, 'x'); ALTER TABLE a RENAME s TO t; INSERT INTO a VALUES (2, 'y'); ALTER TABLE a RENAME id TO k; UPDATE a SET k = 3 WHERE k = 2",
			want: []string{"a(id*,s) insert 1 x", "a(id*,t) insert 2 y", "a(k*,t) delete 2 ?", "a(k*,t) insert 3 y"},
		},
		"a type changed": { // the second one by writing the table anew, of which nothing is published
			create: "CREATE TABLE a (id int PRIMARY KEY, s varchar(3), n int)", tables: []string{"public.a"},
			do:   "INSERT INTO a VALUES (1, 'abc', 5); ALTER TABLE a ALTER s TYPE text; ALTER TABLE a ALTER n TYPE text USING n || '!', ALTER id TYPE bigint; UPDATE a SET s = 'abcd'; INSERT INTO a VALUES (5000000000, NULL, 'n')",
			want: []string{"a(id*,s,n) insert 1 abc 5", "a(id*,s,n) update 1 abcd 5!", "a(id*,s,n) insert 5000000000 NULL n"},
		},
		"columns added and dropped in one transaction": {
			create: "CREATE TABLE a (id int PRIMARY KEY, s text)", tables: []string{"public.a"},
			do:   "BEGIN; INSERT INTO a VALUES (1, 'x'); ALTER TABLE a ADD n int DEFAULT 7; UPDATE a SET s = 'y'; ALTER TABLE a DROP s; INSERT INTO a VALUES (2, 8); SAVEPOINT s; ALTER TABLE a ADD gone int; INSERT INTO a VALUES (3, 3, 3); ROLLBACK TO s; INSERT INTO a VALUES (4, 4); COMMIT",
			want: []string{"a(id*,s) insert 1 x", "a(id*,s,n) update 1 y 7", "a(id*,n) insert 2 8", "a(id*,n) insert 4 4"},
		},
		"the replica identity changed": {
			create: "CREATE TABLE a (id int PRIMARY KEY, code text NOT NULL UNIQUE, n int)", tables: []string{"public.a"},
			do: "INSERT INTO a VALUES (1, 'x', 1); ALTER TABLE a REPLICA IDENTITY FULL; UPDATE a SET n = 2; UPDATE a SET id = 2; ALTER TABLE a REPLICA IDENTITY USING INDEX a_code_key; UPDATE a SET id = 3; UPDATE a SET code = 'y'; ALTER TABLE a REPLICA IDENTITY DEFAULT; DELETE FROM a",
			want: []string{
				"a(id*,code,n) insert 1 x 1", "a(id*,code,n) update 1 x 2", "a(id*,code,n) delete 1 x 2", "a(id*,code,n) insert 2 x 2",
				"a(id,code*,n) update 3 x 2", "a(id,code*,n) delete ? x ?", "a(id,code*,n) insert 3 y 2", "a(id*,code,n) delete 3 ? ?",
			},
		},
		"partitions attached and detached": { // whose columns are in another order, and one more was dropped
			create: `CREATE TABLE p (id int PRIMARY KEY, s text, n int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
				CREATE TABLE p2 (gone int, n int, s text, id int PRIMARY KEY); ALTER TABLE p2 DROP gone`, tables: []string{"public.p"},
			do: `INSERT INTO p VALUES (1, 'a', 1); INSERT INTO p2 VALUES (0, 'unseen', 11); ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (10) TO (20); INSERT INTO p VALUES (12, 'b', 2); UPDATE p2 SET n = 5 WHERE id = 11;
				UPDATE p SET id = 13 WHERE id = 1; UPDATE p SET id = 2 WHERE id = 12; DELETE FROM p WHERE id = 13; ALTER TABLE p DETACH PARTITION p2; INSERT INTO p2 VALUES (6, 'unseen', 14); INSERT INTO p VALUES (3, 'c', 3)`,
			want: []string{
				"p(id*,s,n) insert 1 a 1", "p(id*,s,n) insert 12 b 2", "p(id*,s,n) update 11 unseen 5",
				"p(id*,s,n) delete 1 ? ?", "p(id*,s,n) insert 13 a 1", "p(id*,s,n) delete 12 ? ?", "p(id*,s,n) insert 2 b 2",
				"p(id*,s,n) delete 13 ? ?", "p(id*,s,n) insert 3 c 3",
			},
		},
		"partitions of partitions": {
			create: `CREATE TABLE p (id int, k int, PRIMARY KEY (id, k)) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10) PARTITION BY LIST (k);
				CREATE TABLE p11 PARTITION OF p1 FOR VALUES IN (1); CREATE TABLE p12 PARTITION OF p1 DEFAULT`, tables: []string{"public.p"},
			do:   "INSERT INTO p VALUES (1, 1); UPDATE p SET k = 2; DELETE FROM p12; TRUNCATE p",
			want: []string{"p(id*,k*) insert 1 1", "p(id*,k*) delete 1 1", "p(id*,k*) insert 1 2", "p(id*,k*) delete 1 2", "p(id*,k*) truncate"},
		},
		"truncates": {
			create: `CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a); CREATE TABLE other (id int PRIMARY KEY);
				CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)`, tables: []string{"public.a", "public.b", "public.p"},
			do: "INSERT INTO a VALUES (1); TRUNCATE a CASCADE; TRUNCATE other, p; INSERT INTO p VALUES (1); TRUNCATE a, b RESTART IDENTITY; BEGIN; INSERT INTO b SELECT id FROM a; TRUNCATE a, b; INSERT INTO a VALUES (2); COMMIT; BEGIN; TRUNCATE a, b; ROLLBACK",
			want: []string{
				"a(id*) insert 1", "a(id*) truncate", "b(id*) truncate", "p(id*) truncate", "p(id*) insert 1", "a(id*) truncate", "b(id*) truncate",
				"a(id*) truncate", "b(id*) truncate", "a(id*) insert 2",
			},
		},
		"generated columns": { // which are not replicated
			create: "CREATE TABLE a (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED, s text)", tables: []string{"public.a"},
			do:   "INSERT INTO a VALUES (1, 2, DEFAULT, 'x'); UPDATE a SET n = 3; UPDATE a SET id = 2; DELETE FROM a",
			want: []string{"a(id*,n,s) insert 1 2 x", "a(id*,n,s) update 1 3 x", "a(id*,n,s) delete 1 ? ?", "a(id*,n,s) insert 2 3 x", "a(id*,n,s) delete 2 ? ?"},
		},
		"two phases": {
			create: "CREATE TABLE a (id int PRIMARY KEY)", tables: []string{"public.a"},
			do:   "BEGIN; INSERT INTO a VALUES (1); PREPARE TRANSACTION 'DB one'; INSERT INTO a VALUES (2); BEGIN; INSERT INTO a VALUES (3); PREPARE TRANSACTION 'DB two'; ROLLBACK PREPARED 'DB two'; COMMIT PREPARED 'DB one'; INSERT INTO a VALUES (4)",
			want: []string{"a(id*) insert 2", "a(id*) insert 1", "a(id*) insert 4"},
		},
		"savepoints": {
			create: "CREATE TABLE a (id int PRIMARY KEY, n int)", tables: []string{"public.a"},
			do:   "BEGIN; SAVEPOINT x; INSERT INTO a VALUES (1, 1); SAVEPOINT y; UPDATE a SET n = 2; ROLLBACK TO y; UPDATE a SET n = 3; RELEASE x; SAVEPOINT z; DELETE FROM a; ROLLBACK TO z; COMMIT; BEGIN; DELETE FROM a; ROLLBACK; INSERT INTO a VALUES (2, 1) ON CONFLICT DO NOTHING; INSERT INTO a VALUES (2, 5) ON CONFLICT (id) DO UPDATE SET n = excluded.n",
			want: []string{"a(id*,n) insert 1 1", "a(id*,n) update 1 3", "a(id*,n) insert 2 1", "a(id*,n) update 2 5"},
		},
		"messages and origins": {
			create: "CREATE TABLE a (id int PRIMARY KEY)", tables: []string{"public.a"},
			do:   "SELECT pg_logical_emit_message(true, 'x', 'y'); SELECT pg_logical_emit_message(false, 'x', 'y'); SELECT pg_replication_origin_create('DB'); SELECT pg_replication_origin_session_setup('DB'); BEGIN; SELECT pg_replication_origin_xact_setup('0/1', now()); SELECT pg_logical_emit_message(true, 'x', 'y'); INSERT INTO a VALUES (1); COMMIT; SELECT pg_replication_origin_session_reset(); SELECT pg_replication_origin_drop('DB'); INSERT INTO a VALUES (2)",
			want: []string{"a(id*) insert 1", "a(id*) insert 2"},
		},
		"no replica identity": {
			create: "CREATE TABLE a (id int, s text); ALTER TABLE a REPLICA IDENTITY NOTHING", tables: []string{"public.a append"},
			do:   "INSERT INTO a VALUES (1, 'x'); UPDATE a SET s = 'y'; DELETE FROM a; INSERT INTO a VALUES (2, 'z')",
			want: []string{"a(id,s) insert 1 x", "a(id,s) insert 2 z"},
		},
		"everything is the key": {
			create: "CREATE TABLE a (id int, s text); ALTER TABLE a REPLICA IDENTITY FULL", tables: []string{"public.a"},
			do: "INSERT INTO a VALUES (1, NULL), (1, NULL); UPDATE a SET s = 'x'; UPDATE a SET s = 'x'; DELETE FROM a",
			want: []string{
				"a(id*,s*) insert 1 NULL", "a(id*,s*) insert 1 NULL", "a(id*,s*) delete 1 NULL", "a(id*,s*) insert 1 x", "a(id*,s*) delete 1 NULL", "a(id*,s*) insert 1 x",
				"a(id*,s*) update 1 x", "a(id*,s*) update 1 x", "a(id*,s*) delete 1 x", "a(id*,s*) delete 1 x",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := newDatabase(t)
			db.exec(c.create)
			cfg := db.config(c.tables...)
			rec := &recorder{shapes: true}
			r := start(t, cfg, rec, noRows{})
			db.waitStreaming(cfg.Slot)
			db.each(strings.ReplaceAll(c.do, "'DB", "'"+db.name))
			r.expect(c.want...)
		})
	}
}
