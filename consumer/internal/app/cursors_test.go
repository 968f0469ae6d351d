package app

import (
	"testing"

	"eventsync/pkg/telemetry/telemetrytest"
)

const cursor = "SELECT offset AS n FROM sync_cursors FINAL WHERE table_name = 'a' AND partition = "

func (w *world) waitNumber(query string, want uint64) {
	w.Helper()
	var last uint64
	eventually(w.T, func() bool {
		last = w.number(query)
		return last == want
	}, func() string { return query })
}

// sync_cursors follows the commits, to the last one before the end.
func TestCursorsFollowCommits(t *testing.T) {
	w := newWorld(t, 2)
	w.insert(0, 0)
	w.insert(1, 0)
	r := w.start()
	w.waitNumber(cursor+"0", 1)
	w.waitNumber(cursor+"1", 1)
	r.waitLine("sync", "records_inserted", int64(2))
	w.insert(1, 0)
	w.insert(1, 0)
	r.WaitMetric(`watermark_offset{partition="1",table="public.a"}`, telemetrytest.Is(3))
	r.stop()
	if n := w.number(cursor + "1"); n != 3 {
		t.Errorf("after the end the cursor is %d, want 3", n)
	}
	if n := w.number("SELECT complete_offset AS n FROM sync_cursors FINAL WHERE partition = 1"); n != 3 {
		t.Errorf("the complete offset is %d, want 3", n)
	}
	r.waitLine("sync", "status", "processed")
	r.waitLine("sync", "reached_end_of_table", true)
}

// A table of cursors that is missing holds nothing up, is told once, and filled when it is there.
func TestCursorsThatCannotBeWritten(t *testing.T) {
	w := newWorld(t, 1)
	definition := w.cursorsDefinition()
	w.exec("DROP TABLE sync_cursors")
	w.insert(0, 0)
	r := w.start()
	r.WaitMetric("cursor_failures_total", telemetrytest.AtLeast(2))
	w.insert(0, 0)
	r.WaitMetric(`rows_total{table="public.a"}`, telemetrytest.Is(2))
	if n := r.logs.FilterMessageSnippet("sync_cursors cannot be written").Len(); n != 1 {
		t.Errorf("it was told %d times", n)
	}
	w.exec(definition)
	w.waitNumber(cursor+"0", 2)
	eventually(t, func() bool { return r.logs.FilterMessage("sync_cursors is written again").Len() == 1 }, func() string { return "the log does not say that it is mended" })
}
