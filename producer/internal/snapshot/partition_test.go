package snapshot

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// Partitions are read side by side, each in chunks, as rows of the root: by name, whatever their columns' order.
func TestPartitions(t *testing.T) {
	f := newFixture(t)
	f.exec(`CREATE TABLE parted (id int, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM (0) TO (10000) PARTITION BY RANGE (id);
		CREATE TABLE p1a PARTITION OF p1 FOR VALUES FROM (0) TO (5000);
		CREATE TABLE p1b (gone int, note text, id int NOT NULL); ALTER TABLE p1b DROP gone;
		ALTER TABLE p1 ATTACH PARTITION p1b FOR VALUES FROM (5000) TO (10000);
		CREATE TABLE empty PARTITION OF parted FOR VALUES FROM (10000) TO (20000);
		CREATE TABLE without PARTITION OF parted FOR VALUES FROM (20000) TO (30000) PARTITION BY RANGE (id);
		ALTER TABLE p1a ALTER note SET STORAGE PLAIN;
		INSERT INTO parted SELECT i, repeat('x', 5000) FROM generate_series(1, 2500) i;
		INSERT INTO parted SELECT i, 'b' || i FROM generate_series(5000, 5009) i`)
	rec := &recorder{}
	s := f.snapshotter(rec)
	if err := s.Copy(t.Context(), f.export(public("parted")), f.store); err != nil {
		t.Fatal(err)
	}
	if len(rec.rows) != 2510 || !slices.Contains(rec.rows, "5003|b5003") {
		t.Errorf("%d rows, want 2510", len(rec.rows))
	}
	for _, c := range rec.changes {
		if c.Relation.Table != "parted" {
			t.Fatalf("a row is of %s", c.Relation.Table)
		}
	}
	f.expectDone(public("parted"))
	if p := s.Progress(); len(p) != 1 || p[0].Chunks != 41 || p[0].ChunksDone != 41 || p[0].Rows != 2510 || p[0].Percent != 100 || p[0].Ended.IsZero() {
		t.Errorf("progress is %+v", p)
	}
}

// What may be read as a whole only is read as a whole.
func TestPartitionsThatMayNotBeRead(t *testing.T) {
	f := newFixture(t)
	f.exec(`CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
		CREATE TABLE p2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
		INSERT INTO parted SELECT generate_series(0, 19);
		CREATE ROLE root_only LOGIN; GRANT SELECT ON parted, p1 TO root_only`)
	t.Cleanup(func() { _, _ = f.conn.Exec(context.Background(), "DROP OWNED BY root_only; DROP ROLE root_only") })
	limited := *f
	limited.dsn = strings.Replace(f.dsn, "postgres://postgres@", "postgres://root_only@", 1)
	rec := &recorder{}
	if err := limited.copy(rec, f.export(public("parted"))); err != nil {
		t.Fatal(err)
	}
	if len(rec.rows) != 20 {
		t.Errorf("%d rows, want 20", len(rec.rows))
	}
	f.expectDone(public("parted"))
}

// A foreign table has no pages here, and is read as a whole.
func TestForeignPartition(t *testing.T) {
	f := newFixture(t)
	if _, err := f.conn.Exec(t.Context(), "CREATE EXTENSION file_fdw"); err != nil {
		t.Skip("the server has no file_fdw")
	}
	f.exec(`CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
		CREATE TABLE parted (id int, note text) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
		CREATE FOREIGN TABLE p2 PARTITION OF parted FOR VALUES FROM (10) TO (20) SERVER files OPTIONS (program 'printf "11\\tforeign\\n12\\tforeign\\n"');
		INSERT INTO parted VALUES (1, 'here')`)
	rec := &recorder{}
	if err := f.copy(rec, f.export(public("parted"))); err != nil {
		t.Fatal(err)
	}
	if slices.Sort(rec.rows); !slices.Equal(rec.rows, []string{"11|foreign", "12|foreign", "1|here"}) {
		t.Errorf("rows are %q", rec.rows)
	}
	f.expectDone(public("parted"))
}
