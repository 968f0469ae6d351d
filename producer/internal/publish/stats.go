package publish

import (
	"sync/atomic"

	"eventsync/pkg/kafkaclient/recordbatch"
)

// Stats is what was acknowledged since the start.
type Stats struct {
	Records uint64
	Bytes   uint64 // of record batches, compressed
	Batches uint64
	Retries uint64 // requests that failed and were sent again
}

type counters struct{ records, bytes, batches, retries atomic.Uint64 }

func (c *counters) add(b *recordbatch.Builder, size int) {
	c.records.Add(uint64(b.Count())) //nolint:gosec // G115: a count is positive
	c.bytes.Add(uint64(size))        //nolint:gosec // G115: a size is positive
	c.batches.Add(1)
}

// Stats counts. It never waits.
func (p *Publisher) Stats() Stats {
	return Stats{
		Records: p.counters.records.Load(), Bytes: p.counters.bytes.Load(),
		Batches: p.counters.batches.Load(), Retries: p.counters.retries.Load(),
	}
}
