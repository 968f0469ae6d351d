package publish

import (
	"sync/atomic"
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// Observer takes measurements: a histogram of Prometheus is one.
type Observer interface{ Observe(value float64) }

type ignored struct{}

func (ignored) Observe(float64) {}

// Observe has measurements taken, from before Run: latency of the seconds from when a round's first change was given to
// Publish until all of the round was acknowledged, batchBytes of the sizes of batches acknowledged.
func (p *Publisher) Observe(latency, batchBytes Observer) {
	p.latency, p.batchBytes = latency, batchBytes
}

// Stats is what was done since the start, and what is to be done.
type Stats struct {
	// Records, Bytes and Batches are what was acknowledged; Bytes of record batches, compressed.
	Records, Bytes, Batches uint64
	Retries                 uint64 // requests that failed and were sent again
	DeadLetters             uint64 // changes that were too large
	// Tables are those of which a change was given to Publish.
	Tables []TableStats
	// Confirmed is what Confirmed gives.
	Confirmed change.LSN
	// Newest is when the newest change acknowledged was committed; zero before the first.
	Newest time.Time
	// Oldest is when the oldest streamed change was committed that is not acknowledged; zero when all are.
	Oldest time.Time
	// Waiting is when the oldest change was given to Publish that is not acknowledged; zero when all are.
	Waiting time.Time
}

// TableStats counts the changes of a table that were given to Publish, by change.Op.
type TableStats struct {
	Table   string
	Changes [change.Truncate + 1]uint64
}

type counters struct{ records, bytes, batches, retries, deadLetters atomic.Uint64 }

func (c *counters) add(b *recordbatch.Builder, size int) {
	c.records.Add(uint64(b.Count())) //nolint:gosec // G115: a count is positive
	c.bytes.Add(uint64(size))        //nolint:gosec // G115: a size is positive
	c.batches.Add(1)
}

// Stats counts. It waits for no more than the encoding of changes at hand.
func (p *Publisher) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Stats{
		Records: p.counters.records.Load(), Bytes: p.counters.bytes.Load(), Batches: p.counters.batches.Load(),
		Retries: p.counters.retries.Load(), DeadLetters: p.counters.deadLetters.Load(),
		Confirmed: p.Confirmed(), Newest: p.newest, Waiting: p.filling.first,
	}
	oldest := p.filling.oldest
	if r := p.inFlight; r != nil {
		s.Waiting = r.first
		if r.oldest != 0 { // else it has rows of a snapshot alone
			oldest = r.oldest
		}
	}
	if oldest != 0 {
		s.Oldest = time.UnixMicro(oldest)
	}
	for _, t := range p.topics {
		s.Tables = append(s.Tables, TableStats{Table: t.table.String(), Changes: t.counts})
	}
	return s
}
