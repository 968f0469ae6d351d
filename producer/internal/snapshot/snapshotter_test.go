package snapshot

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

func TestReadsWhatTheSnapshotSees(t *testing.T) {
	f := newFixture(t)
	// Rows of about a page each make many chunks of few rows.
	f.exec("CREATE TABLE big (id int PRIMARY KEY, pad text)")
	f.exec("ALTER TABLE big ALTER pad SET STORAGE PLAIN")
	f.exec("INSERT INTO big SELECT i, repeat('x', 5000) FROM generate_series(1, 3500) i")
	f.exec("CREATE TABLE empty (id int PRIMARY KEY)")
	snapshot := f.export(public("big"), public("empty"))
	f.exec("INSERT INTO big SELECT i, 'later' FROM generate_series(4000, 4100) i")
	f.exec("DELETE FROM big WHERE id < 100")
	f.exec("UPDATE big SET pad = 'changed' WHERE id < 300")
	rec := &recorder{}
	if err := f.copy(rec, snapshot); err != nil {
		t.Fatal(err)
	}
	f.expectDone(public("big"), public("empty"))
	if got := f.remembered(public("big")); got.Rows != 3500 || got.Chunks != 55 || got.ChunksDone != 55 {
		t.Errorf("remembered is %+v", got)
	}
	if len(rec.rows) != 3500 {
		t.Fatalf("%d rows, want 3500", len(rec.rows))
	}
	slices.Sort(rec.rows)
	for i, row := range slices.Compact(rec.rows) {
		if !strings.HasSuffix(row, "|"+strings.Repeat("x", 5000)) {
			t.Fatalf("row %d is %.50q", i, row)
		}
	}
	if n := len(slices.Compact(rec.rows)); n != 3500 {
		t.Errorf("%d different rows, want 3500", n)
	}
	c := rec.changes[0]
	if c.Op != change.Snapshot || c.Version != 77 || !c.Position.IsZero() || c.CommitTime != 1_700_000_000_000_000 {
		t.Errorf("a row's change is %+v", c)
	}
	if !c.Relation.Columns[0].Key || c.Relation.Columns[1].Key {
		t.Errorf("the key is wrong: %+v", c.Relation.Columns)
	}
}

// Both formats, whatever is in the values.
func TestFormats(t *testing.T) {
	f := newFixture(t)
	const columns = "id int PRIMARY KEY, t text, n numeric(12,3), b bytea, d timestamptz, j jsonb, u uuid"
	f.exec("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN price AS numeric(10,2)")
	f.exec("CREATE TABLE binary_ok (" + columns + ", m mood, p price)")
	f.exec("CREATE TABLE text_only (" + columns + ", m mood, p price, at pg_lsn, tags text[])")
	const rows = `(1, E'a\tb\nc\\d\re\bf\fg\vh', -1.5, '\x00ff', '2024-02-29 12:00:00.5+02', '{"k": "a\\tb"}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ok', 3),
		(2, '\N', NULL, '', 'infinity', '1', NULL, NULL, NULL), (3, '', 0, NULL, NULL, NULL, NULL, 'sad', 0)`
	f.exec("INSERT INTO binary_ok VALUES " + rows)
	f.exec("INSERT INTO text_only VALUES " + rows)
	f.exec(`UPDATE text_only SET at = '16/B374D848', tags = '{"a b",NULL,"\\"}' WHERE id < 3`)
	for _, table := range []string{"binary_ok", "text_only"} {
		rec := &recorder{}
		if err := f.copy(rec, f.export(public(table))); err != nil {
			t.Fatal(err)
		}
		slices.Sort(rec.rows)
		more := ""
		if table == "text_only" {
			more = ", coalesce(at::text, 'NULL'), coalesce(tags::text, 'NULL')"
		}
		f.exec("SET timezone = 'UTC'")
		want := f.texts(`SELECT concat_ws('|', id, coalesce(t, 'NULL'), coalesce(n::text, 'NULL'), coalesce(b::text, 'NULL'), coalesce(d::text, 'NULL'),
			coalesce(j::text, 'NULL'), coalesce(replace(u::text, '-', ''), 'NULL'), coalesce(m::text, 'NULL'), coalesce(p::text, 'NULL')` + more + `) FROM ` + table + ` ORDER BY id`)
		if got := rec.rows; !slices.Equal(got, want) {
			t.Errorf("%s: rows are\n%q, want\n%q", table, got, want)
		}
	}
}

func TestPartitionedAndInherited(t *testing.T) {
	f := newFixture(t)
	f.exec(`CREATE TABLE parted (id int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
		CREATE TABLE p2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
		INSERT INTO parted SELECT generate_series(0, 19);
		CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent);
		INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2)`)
	rec := &recorder{}
	if err := f.copy(rec, f.export(public("parted"), public("parent"))); err != nil {
		t.Fatal(err)
	}
	if len(rec.rows) != 21 {
		t.Errorf("%d rows, want the partitioned table's 20 and the parent's own 1: %v", len(rec.rows), rec.rows)
	}
	if rec.changes[0].Relation.Table != "parted" && rec.changes[0].Relation.Table != "parent" {
		t.Errorf("a row is of %s", rec.changes[0].Relation.Table)
	}
}

func TestFailures(t *testing.T) {
	f := newFixture(t)
	f.exec("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")
	broken := errors.New("broken")
	err := f.copy(&recorder{fail: broken}, f.export(public("a")))
	var publish *source.PublishError
	if !errors.As(err, &publish) || !errors.Is(err, broken) || f.remembered(public("a")).Done {
		t.Errorf("a failed publish gives %v, remembered is %+v", err, f.remembered(public("a")))
	}
	if err := f.copy(&recorder{}, f.export(public("a"), public("gone"))); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("a missing table gives %v", err)
	}
	s := f.export(public("a"))
	s.ID = "00000003-0000001B-1"
	if err := f.copy(&recorder{}, s); err == nil || !strings.Contains(err.Error(), s.ID) {
		t.Errorf("a snapshot that is gone gives %v", err)
	}
	f.exec("CREATE ROLE limited LOGIN; GRANT SELECT ON a TO limited; ALTER TABLE a ENABLE ROW LEVEL SECURITY")
	limited := *f
	limited.dsn = strings.Replace(f.dsn, "postgres://postgres@", "postgres://limited@", 1)
	if err := limited.copy(&recorder{}, f.export(public("a"))); err == nil || !strings.Contains(err.Error(), "row-level security") {
		t.Errorf("rows hidden by row-level security give %v", err)
	}
}
