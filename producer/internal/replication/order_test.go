package replication

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"eventsync/pkg/change"
)

func TestVersionsAndPositions(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE other (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	cfg.Epoch = 3
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("ALTER PUBLICATION pub ADD TABLE other") // of which nothing is published, but which counts
	var before, after string
	var begin, end time.Time
	db.scan(&before, "SELECT pg_current_wal_insert_lsn()::text")
	db.scan(&begin, "SELECT clock_timestamp()")
	db.exec("BEGIN; INSERT INTO a VALUES (1, 1); INSERT INTO other VALUES (1); UPDATE a SET id = 2; UPDATE a SET n = 2; COMMIT")
	db.scan(&after, "SELECT pg_current_wal_insert_lsn()::text")
	db.scan(&end, "SELECT clock_timestamp()")
	db.exec("TRUNCATE a, other")
	r.expect("a insert 1 1", "a delete 1 ?", "a insert 2 1", "a update 2 2", "a truncate")

	got := r.all()
	commit := got[0].position.Commit
	for i, sequence := range []uint64{1, 3, 4, 5} {
		if got[i].position != (change.Position{Commit: commit, Sequence: sequence}) {
			t.Errorf("change %d is at %v, want %v+%d", i, got[i].position, commit, sequence)
		}
		if got[i].time < begin.UnixMicro() || got[i].time > end.UnixMicro() {
			t.Errorf("change %d was committed at %d, not between %d and %d", i, got[i].time, begin.UnixMicro(), end.UnixMicro())
		}
	}
	if got[4].position.Compare(got[3].position) <= 0 {
		t.Errorf("the next transaction is at %v, which is not after %v", got[4].position, got[3].position)
	}
	lsn := func(i int) string { return change.LSN(got[i].version & (1<<56 - 1)).String() }
	if got[1].version != got[2].version {
		t.Errorf("a key change's halves have versions %x and %x", got[1].version, got[2].version)
	}
	for i, c := range got {
		if c.version.Epoch() != 3 || c.position.Commit>>56 != 3 {
			t.Errorf("the version %x and the position %v of change %d are not of epoch 3", c.version, c.position, i)
		}
	}
	var ordered bool
	db.scan(&ordered, `SELECT $1::pg_lsn <= $2::pg_lsn AND $2::pg_lsn < $3::pg_lsn AND $3::pg_lsn < $4::pg_lsn AND $4::pg_lsn < $5::pg_lsn AND $5::pg_lsn < $6::pg_lsn`,
		before, lsn(0), lsn(1), lsn(3), (commit & change.MaxLSN).String(), after)
	if !ordered {
		t.Errorf("versions %s, %s, %s are not in order between %s and the commit %v", lsn(0), lsn(1), lsn(3), before, commit)
	}
}

func TestTransactionsAndOldRows(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, n int)")
	cfg := db.config("public.a")
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("BEGIN; CREATE TEMP TABLE seen AS SELECT pg_current_xact_id()::xid::text AS xid; INSERT INTO a VALUES (1, NULL); UPDATE a SET n = 1; COMMIT")
	db.exec("ALTER TABLE a REPLICA IDENTITY FULL")
	db.exec("INSERT INTO seen SELECT pg_current_xact_id()::xid::text; UPDATE a SET n = 2; UPDATE a SET id = 2; DELETE FROM a")
	r.expect("a insert 1 NULL", "a update 1 1", "a update 1 2", "a delete 1 2", "a insert 2 2", "a delete 2 2")

	var first, second string
	db.scan(&first, "SELECT min(xid) FROM seen")
	db.scan(&second, "SELECT max(xid) FROM seen")
	for i, c := range r.all() {
		var before []string
		xid := first
		if i == 2 {
			before = []string{"1", "1"}
		}
		if i >= 2 {
			xid = second
		}
		if !slices.Equal(c.before, before) {
			t.Errorf("change %d: the old row is %q, want %q", i, c.before, before)
		}
		if strconv.FormatUint(uint64(c.xid), 10) != xid {
			t.Errorf("change %d is of transaction %d, want %s", i, c.xid, xid)
		}
	}
}

func TestSchemaChanges(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (1)")
	db.exec("ALTER TABLE a ADD COLUMN name text")
	db.exec("INSERT INTO a VALUES (2, 'x')")
	db.exec("ANALYZE a") // has the relation described again, unchanged
	db.exec("INSERT INTO a VALUES (3, 'y')")
	db.exec("BEGIN; INSERT INTO a VALUES (4, 'z'); ALTER TABLE a DROP COLUMN name; INSERT INTO a VALUES (5); COMMIT")
	r.expect("a insert 1", "a insert 2 x", "a insert 3 y", "a insert 4 z", "a insert 5")
	if len(r.relations) != 3 {
		t.Errorf("%d relations were published, want 3: one per shape", len(r.relations))
	}
	// A type that is not read in binary: the stream goes on in text.
	db.exec("ALTER TABLE a ADD COLUMN at pg_lsn")
	db.exec("INSERT INTO a VALUES (6, '1/A')")
	eventually(t, "the new column is published", func() bool {
		return slices.Contains(r.lines(), "a insert 6 1/A")
	})
}

func TestAppendOnly(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE log (at int, line text); CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.log append", "public.a")
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO log VALUES (1, 'x')")
	db.exec("UPDATE log SET line = 'y'") // works, since no publication of ours publishes updates of it
	db.exec("DELETE FROM log")
	db.exec("INSERT INTO log VALUES (2, 'z')")
	db.exec("INSERT INTO a VALUES (1)")
	r.expect("log insert 1 x", "log insert 2 z", "a insert 1")
	if r.relations[0].HasKey() {
		t.Error("the table without a replica identity has a key")
	}
}
