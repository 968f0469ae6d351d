package replication

import (
	"context"
	"runtime"
	"testing"

	"eventsync/pkg/change"
)

// meter is a Publisher that counts, and measures the heap while it does.
type meter struct {
	recorder
	rows int
	heap uint64 // the most
}

func (m *meter) Publish(_ context.Context, changes []change.Change) error {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows += len(changes)
	m.heap = max(m.heap, stats.HeapAlloc)
	return nil
}

func (m *meter) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rows
}

// A transaction's size makes no difference to the memory: it is not held, but given away in parts.
func TestLargeTransaction(t *testing.T) {
	const rows, limit = 300_000, 32 << 20
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, n numeric, s text)")
	cfg := db.config("public.a")
	m := &meter{}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	r := start(t, cfg, &m.recorder, noRows{}, func(r *Replicator) { r.publisher = m })
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a SELECT i, i * 1.5, repeat('x', 20) FROM generate_series(1, $1) i", rows)
	eventually(t, "all is published", func() bool { return m.count() >= rows })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if m.rows != rows || m.heap > before.HeapAlloc+limit {
		t.Errorf("%d rows were published, want %d, with up to %d MiB of memory, want %d at most", m.rows, rows, m.heap>>20, (before.HeapAlloc+limit)>>20)
	}
	t.Logf("at most %d MiB, before %d", m.heap>>20, before.HeapAlloc>>20)
}
