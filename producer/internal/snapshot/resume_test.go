package snapshot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"eventsync/producer/internal/source/state"
)

// pageRows makes a table of a row a page, in as many chunks as are wanted.
func (f *fixture) pageRows(table string, chunks int) (rows int) {
	f.t.Helper()
	rows = chunks*testPages - testPages/2 // the last is not whole
	f.exec(fmt.Sprintf(`CREATE TABLE %[1]s (id int PRIMARY KEY, pad text, n int DEFAULT 0) WITH (autovacuum_enabled = off);
		ALTER TABLE %[1]s ALTER pad SET STORAGE PLAIN;
		INSERT INTO %[1]s SELECT i, repeat('x', 5000) FROM generate_series(1, %[2]d) i`, table, rows))
	return rows
}

// interrupt begins a snapshot and ends it hard when some chunks are noted and others are published in part.
func (f *fixture) interrupt(rec *recorder, table string, rows int) {
	f.t.Helper()
	ctx, kill := context.WithCancel(f.t.Context())
	defer kill()
	rec.notice = func(published int) {
		if published < rows {
			return
		}
		for f.remembered(public(table)).ChunksDone == 0 {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Millisecond):
			}
		}
		kill()
	}
	err := f.snapshotter(rec).Copy(ctx, f.export(public(table)), f.store)
	rec.notice = nil
	if !errors.Is(err, context.Canceled) {
		f.t.Fatalf("the snapshot that was interrupted ended with %v", err)
	}
}

// chunkOf is where a row of pageRows is.
func chunkOf(id int) int64 { return int64((id - 1) / testPages * testPages) }

func ids(rows []string) []int {
	var ids []int
	for _, row := range rows {
		id, _ := strconv.Atoi(row[:strings.IndexByte(row, '|')])
		ids = append(ids, id)
	}
	return ids
}

// What an interrupted snapshot has noted is not read again, and nothing is left out.
func TestResumes(t *testing.T) {
	f := newFixture(t)
	rows := f.pageRows("big", 8)
	first := &recorder{}
	f.interrupt(first, "big", rows/2)
	noted, err := f.store.Chunks(t.Context(), public("big"), 0)
	if err != nil {
		t.Fatal(err)
	}
	before := f.remembered(public("big"))
	if before.Done || before.ChunksDone != int64(len(noted)) || before.Chunks != 8 || len(noted) == 0 || len(noted) == 8 {
		t.Fatalf("remembered is %+v with %d chunks noted: the test is in vain", before, len(noted))
	}
	isNoted := func(id int) bool {
		return slices.ContainsFunc(noted, func(c state.Chunk) bool { return c.Page == chunkOf(id) })
	}
	second := &recorder{}
	if err := f.copy(second, f.export(public("big"))); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, id := range ids(first.rows[:first.flushed]) {
		seen[id] = true
	}
	for _, id := range ids(second.rows) {
		if isNoted(id) {
			t.Errorf("row %d was read again", id)
		}
		seen[id] = true
	}
	if len(seen) != rows {
		t.Errorf("%d different rows, want %d", len(seen), rows)
	}
	if got := f.remembered(public("big")); !got.Done || got.Rows != int64(rows) || got.ChunksDone != 8 {
		t.Errorf("in the end, remembered is %+v", got)
	}
	if p := f.last.Progress()[0]; p.Percent != 100 || p.Chunks != 8 || p.ChunksDone != 8 || p.Rows != int64(rows) || p.Rate <= 0 {
		t.Errorf("in the end, progress is %+v", p)
	}
}

// A rewrite moves rows without a change in the log: what was read before it counts for nothing.
func TestResumesAfterARewrite(t *testing.T) {
	for _, rewrite := range []string{"VACUUM FULL big", "CLUSTER big USING big_pkey", "ALTER TABLE big ALTER id TYPE bigint"} {
		t.Run(rewrite, func(t *testing.T) {
			f := newFixture(t)
			rows := f.pageRows("big", 8)
			f.interrupt(&recorder{}, "big", rows/2)
			f.exec("DELETE FROM big WHERE id % 4 = 0") // the rest moves up
			f.exec(rewrite)
			rec := &recorder{}
			if err := f.copy(rec, f.export(public("big"))); err != nil {
				t.Fatal(err)
			}
			if want := rows - rows/4; len(rec.rows) != want {
				t.Errorf("%d rows after the rewrite, want %d", len(rec.rows), want)
			}
			if got := f.remembered(public("big")); !got.Done || got.Rows != int64(len(rec.rows)) {
				t.Errorf("remembered is %+v", got)
			}
		})
	}
}

// To a snapshot that is older, a rewritten table looks empty: that is no reason to call it done.
func TestARewriteAfterTheSnapshotIsRefused(t *testing.T) {
	f := newFixture(t)
	f.exec(`CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1);
		CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM (0) TO (10); INSERT INTO parted VALUES (1)`)
	s := f.export(public("a"), public("parted"))
	f.exec("ALTER TABLE a ALTER id TYPE bigint")
	if err := f.copy(&recorder{}, s); !errors.Is(err, errRewritten) {
		t.Errorf("a table that was rewritten after the snapshot gives %v", err)
	}
	s = f.export(public("a"), public("parted"))
	f.exec("TRUNCATE p1")
	if err := f.copy(&recorder{}, s); !errors.Is(err, errRewritten) {
		t.Errorf("a partition that was truncated after the snapshot gives %v", err)
	}
	if err := f.copy(&recorder{}, f.export(public("a"), public("parted"))); err != nil {
		t.Error(err)
	}
	f.expectDone(public("a"), public("parted"))
}

// A snapshot that was asked for while one was under way is another one.
func TestAskedForAgain(t *testing.T) {
	f := newFixture(t)
	rows := f.pageRows("big", 4)
	rec := &recorder{}
	var asked atomic.Bool
	rec.notice = func(published int) {
		if published < rows/2 || asked.Swap(true) {
			return
		}
		if found, err := f.store.Request(t.Context(), public("big")); !found || err != nil {
			t.Errorf("asking gives %v, %v", found, err)
		}
	}
	if err := f.copy(rec, f.export(public("big"))); err != nil {
		t.Fatal(err)
	}
	if got := f.remembered(public("big")); got.Done || got.Round != 1 || got.ChunksDone != 0 {
		t.Errorf("after the first, remembered is %+v", got)
	}
	if err := f.copy(rec, f.export(public("big"))); err != nil {
		t.Fatal(err)
	}
	f.expectDone(public("big"))
	if len(rec.rows) != 2*rows {
		t.Errorf("%d rows were read, want all %d twice", len(rec.rows), rows)
	}
}

// Rows on pages that were added since were written since: the stream has them.
func TestATableThatGrew(t *testing.T) {
	f := newFixture(t)
	f.pageRows("big", 2)
	if err := f.copy(&recorder{}, f.export(public("big"))); err != nil {
		t.Fatal(err)
	}
	// As after an interruption just before the table was done.
	var chunks []state.Chunk
	var oid, filenode uint32
	if err := f.conn.QueryRow(t.Context(), "SELECT oid, relfilenode FROM pg_class WHERE relname = 'big'").Scan(&oid, &filenode); err != nil {
		t.Fatal(err)
	}
	for page := int64(0); page < 2*testPages; page += testPages {
		chunks = append(chunks, state.Chunk{Relation: oid, Filenode: filenode, Page: page, Rows: 1})
	}
	f.exec("UPDATE eventsync.progress SET done = false")
	if err := f.store.FinishChunks(t.Context(), public("big"), 0, chunks); err != nil {
		t.Fatal(err)
	}
	f.exec("INSERT INTO big SELECT i, repeat('x', 5000) FROM generate_series(100000, 102000) i")
	rec := &recorder{}
	if err := f.copy(rec, f.export(public("big"))); err != nil {
		t.Fatal(err)
	}
	if len(rec.rows) == 0 || len(rec.rows) >= 2001 {
		t.Errorf("%d rows, want those of the pages beyond the chunks that are noted", len(rec.rows))
	}
	f.expectDone(public("big"))
}
