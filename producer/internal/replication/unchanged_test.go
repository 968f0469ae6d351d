package replication

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/change"
	"eventsync/producer/internal/source/pgvalue"
)

// random fills a value that is stored out of line.
const random = "(SELECT string_agg(md5(random()::text || i), '') FROM generate_series(1, 300) i)"

func TestUnchangedToast(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE plain (id int PRIMARY KEY, n int, big text)")
	db.exec("CREATE TABLE whole (id int PRIMARY KEY, n int, big text); ALTER TABLE whole REPLICA IDENTITY FULL")
	db.exec("CREATE TABLE bigkey (id text PRIMARY KEY, n int, big text)")
	cfg := db.config("public.plain", "public.whole", "public.bigkey")
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	var plain, whole, key, big string
	insert := func(into *string, sql string) { db.scan(into, sql) }
	insert(&plain, "INSERT INTO plain VALUES (1, 1, "+random+") RETURNING big")
	insert(&whole, "INSERT INTO whole VALUES (1, 1, "+random+") RETURNING big")
	insert(&big, "INSERT INTO bigkey VALUES ((SELECT string_agg(md5(i::text), '') FROM generate_series(1, 70) i), 1, "+random+") RETURNING big")
	db.scan(&key, "SELECT id FROM bigkey")
	db.exec("UPDATE plain SET n = 2")
	db.exec("UPDATE plain SET id = 5")
	db.exec("BEGIN; UPDATE plain SET n = 3; DELETE FROM plain; COMMIT")
	db.exec("UPDATE whole SET n = 2")
	db.exec("UPDATE whole SET id = 6")
	db.exec("UPDATE bigkey SET n = 2")
	r.expect(
		"plain insert 1 1 "+plain, "whole insert 1 1 "+whole, "bigkey insert "+key+" 1 "+big,
		// The first two may or may not be read before the row is deleted; see below.
		r.either(3, "plain update 1 2 "+plain, "plain update 1 2 ?"),
		"plain delete 1 ? ?", r.either(5, "plain insert 5 2 "+plain, "plain insert 5 2 ?"),
		r.either(6, "plain update 5 3 "+plain, "plain update 5 3 ?"), "plain delete 5 ? ?",
		"whole update 1 2 "+whole, "whole delete 1 2 "+whole, "whole insert 6 2 "+whole,
		"bigkey update "+key+" 2 "+big,
	)
}

// either gives the one of two lines that the index-th change is.
func (r *replica) either(index int, a, b string) string {
	eventually(r.t, "a change more", func() bool { return len(r.lines()) > index })
	if r.lines()[index] == a {
		return a
	}
	return b
}

// A value that was left out is read by key; it is unavailable when the row is gone.
func TestUnchangedToastIsReadByKey(t *testing.T) {
	for _, extra := range []string{"", ", at pg_lsn"} {
		db := newDatabase(t)
		db.exec("CREATE TABLE a (k1 int, k2 text, n int, big text" + extra + ", PRIMARY KEY (k2, k1))")
		cfg := db.config("public.a")
		rec := &recorder{}
		r := start(t, cfg, rec, noRows{})
		db.waitStreaming(cfg.Slot)
		var big string
		db.scan(&big, "INSERT INTO a VALUES (1, 'x', 1, "+random+") RETURNING big")
		null := map[bool]string{true: " NULL"}[extra != ""]
		r.expect("a insert 1 x 1 " + big + null)
		db.exec("UPDATE a SET n = 2")
		r.expect("a insert 1 x 1 "+big+null, "a update 1 x 2 "+big+null)
		db.exec("BEGIN; UPDATE a SET n = 3; DELETE FROM a; COMMIT")
		gone := map[bool]string{true: " ?"}[extra != ""]
		r.expect("a insert 1 x 1 "+big+null, "a update 1 x 2 "+big+null, "a update 1 x 3 ?"+null, "a delete 1 x ? ?"+gone)
	}
}

// spy counts what a rowReader is asked for.
type spy struct {
	rowReader
	reads int
	keys  int
	most  int // bytes held
}

func (s *spy) read(ctx context.Context, f *fetch, memory *pgvalue.Decoder, limit int) error {
	s.reads++
	s.keys += len(f.keys)
	err := s.rowReader.read(ctx, f, memory, limit)
	s.most = max(s.most, memory.Size())
	return err
}

func (s *spy) on(r *Replicator) { s.rowReader, r.decoder.rows = r.decoder.rows, s }

// What a transaction's updates leave out is read by a few queries, and only so much of it is held as is given away at
// once.
func TestUnchangedToastIsReadInBatches(t *testing.T) {
	const rows, size = 300, 100 << 10
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, n int, big text, other text); ALTER TABLE a ALTER big SET STORAGE EXTERNAL, ALTER other SET STORAGE EXTERNAL")
	cfg := db.config("public.a")
	s := &spy{}
	rec := &recorder{}
	r := start(t, cfg, rec, noRows{}, s.on)
	db.waitStreaming(cfg.Slot)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	db.exec("INSERT INTO a SELECT i, 0, repeat(i::text, $1 / length(i::text)), CASE WHEN i % 3 = 0 THEN repeat('y', 5000) END FROM generate_series(1, $2) i", size, rows)
	db.exec("BEGIN; UPDATE a SET n = 1; UPDATE a SET n = 2; UPDATE a SET big = 'small' WHERE id = 3; DELETE FROM a WHERE id = 4; UPDATE a SET id = -5 WHERE id = 5; COMMIT")
	s = &spy{}
	rec = &recorder{}
	r = start(t, cfg, rec, noRows{}, s.on)
	const published = rows + 2*rows + 1 + 1 + 2
	eventually(t, "all is published", func() bool { return len(r.all()) == published })
	for i, c := range r.all()[rows:] {
		want, id := "", i%rows+1
		switch {
		case id == 4, id == 5 && i < 2*rows: // it is gone, or has another key
			want = "?"
		case id == 3:
			want = "small"
		default:
			want = strings.Repeat(fmt.Sprint(id), size/len(fmt.Sprint(id)))
		}
		if i < 2*rows && c.values[2] != want {
			t.Errorf("%.40s: %d bytes, want %d", c, len(c.values[2]), len(want))
		}
	}
	all := r.all()
	if last := all[len(all)-1]; last.values[0] != "-5" || last.values[2] != strings.Repeat("5", size) || last.values[3] != "NULL" {
		t.Errorf("the row of another key is %.60s", last)
	}
	if limit := 4*rows*size/fetchLimit + 40; s.reads > limit { // of two sets of columns, and no more than fits
		t.Errorf("%d queries for %d rows, want at most %d", s.reads, s.keys, limit)
	}
	if s.most > fetchLimit+2*size {
		t.Errorf("%d bytes were held at once", s.most)
	}
}

// Keys of types with operators of their own, or with none of their own, and of several columns.
func TestUnchangedToastOfAnyKey(t *testing.T) {
	for _, k := range []struct{ kind, one, other string }{
		{"citext", "'Ab'", "'c'"},
		{"mood", "'sad'", "'ok'"},
		{"price", "1.50", "2.0"},
		{"int[]", "'{1,NULL}'", "'{}'"},
		{`"Odd"."Type"`, "'a'", "'b'"},
		{"numeric(12,3)", "1.5", "1e8"},
		{"timestamptz", "'2024-01-01'", "'infinity'"},
		{"char(5)", "'a'", "'b'"},
		{"uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'"},
		{"inet", "'10.0.0.1'", "'::1/64'"},
		{"int4range", "'[1,5)'", "'empty'"},
	} {
		t.Run(k.kind, func(t *testing.T) {
			t.Parallel()
			db := newDatabase(t)
			db.exec(`CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN price AS numeric(10,2); CREATE SCHEMA "Odd"; CREATE DOMAIN "Odd"."Type" AS citext`)
			db.exec("CREATE TABLE a (k " + k.kind + ", j int, n int, big text, PRIMARY KEY (j, k)); ALTER TABLE a ALTER big SET STORAGE EXTERNAL")
			cfg := db.config("public.a")
			r := start(t, cfg, &recorder{}, noRows{})
			db.waitStreaming(cfg.Slot)
			db.exec("INSERT INTO a VALUES (" + k.one + ", 1, 0, repeat('x', 5000)), (" + k.other + ", 1, 0, repeat('y', 5000))")
			db.exec("UPDATE a SET n = 1")
			eventually(t, "published", func() bool { return len(r.all()) == 4 })
			for i, c := range r.all() {
				if want := strings.Repeat([]string{"x", "y"}[i%2], 5000); c.values[3] != want {
					t.Errorf("change %d is %.60s", i, c)
				}
			}
		})
	}
}

// What the stream has of a table may have another name by now, or be something else.
func TestUnchangedToastOfATableThatChanged(t *testing.T) {
	const like = "CREATE TABLE a (id int PRIMARY KEY, n int, big text, other text); ALTER TABLE a ALTER big SET STORAGE EXTERNAL; INSERT INTO a VALUES (1, 0, repeat('f', 5000), repeat('g', 5000))"
	for name, c := range map[string]struct{ sql, want string }{
		"renamed":           {"ALTER TABLE a RENAME TO b", strings.Repeat("x", 5000)},
		"moved":             {`CREATE SCHEMA "s"; ALTER TABLE a SET SCHEMA "s"; ALTER TABLE s.a RENAME TO "B c"`, strings.Repeat("x", 5000)},
		"its name taken":    {"ALTER TABLE a RENAME TO b; " + like, strings.Repeat("x", 5000)},
		"recreated":         {"DROP TABLE a; " + like, "?"},
		"columns exchanged": {"ALTER TABLE a RENAME big TO tmp; ALTER TABLE a RENAME other TO big; ALTER TABLE a RENAME tmp TO other", "?"},
		"column renamed":    {"ALTER TABLE a RENAME big TO huge", "?"},
		"column recreated":  {"ALTER TABLE a DROP big; ALTER TABLE a ADD big text DEFAULT 'z'", "?"},
		"column of a type":  {"ALTER TABLE a ALTER big TYPE bytea USING 'z'", "?"},
		"column more":       {"ALTER TABLE a ADD more int DEFAULT 5", strings.Repeat("x", 5000)},
		"column less":       {"ALTER TABLE a DROP n", strings.Repeat("x", 5000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := newDatabase(t)
			db.exec("CREATE TABLE a (id int PRIMARY KEY, n int, big text, other text); ALTER TABLE a ALTER big SET STORAGE EXTERNAL; CREATE TABLE last (id int PRIMARY KEY)")
			cfg := db.config("public.a", "public.last")
			rec := &recorder{block: make(chan struct{})}
			r := start(t, cfg, rec, noRows{})
			db.waitStreaming(cfg.Slot)
			db.exec("INSERT INTO a VALUES (1, 0, repeat('x', 5000), 'o')")
			r.waitBlocked()
			db.exec("UPDATE a SET n = 1")
			db.exec(c.sql)
			db.exec("INSERT INTO last VALUES (1)")
			close(rec.block)
			eventually(t, "the last change", func() bool { return slices.Contains(r.lines(), "last insert 1") })
			if got := r.all()[1]; got.op != change.Update || got.values[2] != c.want {
				t.Errorf("published %.60s, want %.20s", got, c.want)
			}
		})
	}
}

// waitBlocked waits until a batch waits to be published, so that whatever is written from now on is not in it.
func (r *replica) waitBlocked() {
	r.t.Helper()
	eventually(r.t, "a batch waits", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.waits
	})
}

// Reading may wait for a lock that somebody holds for longer than the server's patience: the stream lives on meanwhile.
func TestUnchangedToastOfALockedTable(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, n int, big text); ALTER TABLE a ALTER big SET STORAGE EXTERNAL")
	db.exec("ALTER DATABASE " + db.name + " SET wal_sender_timeout = '1s'")
	cfg := db.config("public.a")
	rec := &recorder{block: make(chan struct{})}
	r := start(t, cfg, rec, noRows{})
	db.waitStreaming(cfg.Slot)
	var before, after int
	const pidSQL = "SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1"
	db.scan(&before, pidSQL, cfg.Slot)
	db.exec("INSERT INTO a VALUES (1, 1, repeat('x', 5000))")
	r.waitBlocked()
	db.exec("UPDATE a SET n = 2")
	other := postgrestest.Connect(t, string(db.dsn))
	mustExec(t, other, "BEGIN; LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
	close(rec.block)
	eventually(t, "the reading waits", func() bool {
		var waits bool
		db.scan(&waits, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'a'::regclass)")
		return waits
	})
	db.waitReplies(10) // of one every 250 ms
	mustExec(t, other, "COMMIT")
	big := strings.Repeat("x", 5000)
	r.expect("a insert 1 1 "+big, "a update 1 2 "+big)
	if db.scan(&after, pidSQL, cfg.Slot); after != before {
		t.Errorf("the stream was broken: server process %d, was %d", after, before)
	}
}
