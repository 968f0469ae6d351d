package snapshot

import (
	"testing"
	"time"

	"eventsync/producer/internal/source"
)

// What an earlier run has read counts for the percentage, and neither for the rate nor for the time that is left.
func TestProgress(t *testing.T) {
	began := time.Unix(1_700_000_000, 0)
	tab := &table{Table: &source.Table{Name: public("a")}, chunkCount: 10}
	tab.pages, tab.pagesBefore, tab.rowsBefore = 1000, 500, 50_000
	now := began.Add(10 * time.Second)
	if p := tab.progress(now); p.Percent != 50 || p.Rows != 50_000 || p.Rate != 0 || p.Left != 0 || !p.Began.IsZero() {
		t.Errorf("before it begins: %+v", p)
	}
	tab.began.Store(&began)
	tab.rowsRead.Store(10_000)
	tab.pagesRead.Store(100)
	tab.chunksSafe.Store(5)
	want := Progress{Table: public("a"), Rows: 60_000, Chunks: 10, ChunksDone: 5, Percent: 60, Rate: 1000, Left: 40 * time.Second, Began: began}
	if p := tab.progress(now); p != want {
		t.Errorf("under way: %+v, not %+v", p, want)
	}
	ended := began.Add(20 * time.Second)
	tab.ended.Store(&ended)
	tab.rowsRead.Store(50_000)
	tab.pagesRead.Store(500)
	if p := tab.progress(ended.Add(time.Hour)); p.Percent != 100 || p.Rate != 2500 || p.Left != 0 || p.Ended != ended {
		t.Errorf("at the end: %+v", p)
	}
}
