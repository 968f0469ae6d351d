package lookup

import (
	"sync/atomic"
	"time"
)

// Stats is what was done for one joined column since the start.
type Stats struct {
	Table, Column string
	// Hits are rows whose value was remembered, Misses those for which it was asked.
	Hits, Misses uint64
	// Evictions are answers that a change of a watched table has ended.
	Evictions uint64
	// Queries were asked, and took QueryTime together.
	Queries   uint64
	QueryTime time.Duration
}

type counters struct {
	hits, misses, evictions, queries atomic.Uint64
	queryTime                        atomic.Int64
}

func (c *counters) asked(took time.Duration) {
	c.queries.Add(1)
	c.queryTime.Add(int64(took))
}

func (c *counters) looked(hits, misses uint64) {
	c.hits.Add(hits)
	c.misses.Add(misses)
}

func (c *column) stats() Stats {
	return Stats{
		Table: c.table, Column: c.name,
		Hits: c.counters.hits.Load(), Misses: c.counters.misses.Load(), Evictions: c.counters.evictions.Load(),
		Queries: c.counters.queries.Load(), QueryTime: time.Duration(c.counters.queryTime.Load()),
	}
}

// Stats counts, per joined column. It never waits.
func (l *Lookup) Stats() []Stats {
	all := make([]Stats, len(l.columns))
	for i, c := range l.columns {
		all[i] = c.stats()
	}
	return all
}
