package snapshot

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"eventsync/producer/internal/source"
)

// Progress is how far the last snapshot of a table has come.
type Progress struct {
	Table source.Name
	// Rows is how many rows were read, in earlier runs too.
	Rows int64
	// Chunks is how many parts the table is read in, and ChunksDone how many of them are in Kafka.
	Chunks, ChunksDone int64
	// Percent goes by the pages read.
	Percent float64
	// Rate is how many rows were read per second of this run, and Left how long the rest takes at that pace: 0 where
	// nothing was read yet.
	Rate float64
	Left time.Duration
	// Began is when this run began on the table, and Ended when all was in Kafka: zero while they are still to come.
	Began, Ended time.Time
}

// Progress gives how far the snapshots are that were taken since the start, or are being taken, by table.
func (s *Snapshotter) Progress() []Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Progress, 0, len(s.tables))
	for _, t := range s.tables {
		all = append(all, t.progress(time.Now()))
	}
	slices.SortFunc(all, func(a, b Progress) int { return cmp.Compare(a.Table.String(), b.Table.String()) })
	return all
}

// watch has Progress report on tables.
func (s *Snapshotter) watch(tables []*table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range tables {
		s.tables[t.Name] = t
	}
}

// meterings are how far a table's snapshot has come.
type meterings struct {
	pages                   int64 // of all chunks
	rowsBefore, pagesBefore int64 // in Kafka since an earlier run
	rowsRead, pagesRead     atomic.Int64
	chunksSafe              atomic.Int64
	began, ended            atomic.Pointer[time.Time]
}

func (m *meterings) begin() { now := time.Now(); m.began.CompareAndSwap(nil, &now) }

func (m *meterings) end() { now := time.Now(); m.ended.Store(&now) }

func (m *meterings) underWay() bool { return m.began.Load() != nil && m.ended.Load() == nil }

func (t *table) progress(now time.Time) Progress {
	read, rows := t.pagesRead.Load(), t.rowsRead.Load()
	p := Progress{Table: t.Name, Rows: t.rowsBefore + rows, Chunks: t.chunkCount, ChunksDone: t.chunksSafe.Load()}
	if t.pages > 0 {
		p.Percent = 100 * float64(t.pagesBefore+read) / float64(t.pages)
	}
	if ended := t.ended.Load(); ended != nil {
		p.Ended, p.Percent, now = *ended, 100, *ended
	}
	if began := t.began.Load(); began != nil {
		p.Began = *began
		elapsed := now.Sub(p.Began)
		p.Rate = float64(rows) / max(elapsed, time.Millisecond).Seconds()
		if left := t.pages - t.pagesBefore - read; p.Ended.IsZero() && read > 0 {
			p.Left = time.Duration(float64(elapsed) * float64(left) / float64(read))
		}
	}
	return p
}

// log says how far a table's snapshot has come.
func (t *table) log(log *zap.Logger, message string) {
	p := t.progress(time.Now())
	fields := []zap.Field{
		zap.Stringer("table", p.Table), zap.Int64("rows", p.Rows), zap.Int64("percent", int64(p.Percent)),
		zap.Float64("rows_per_second", p.Rate),
	}
	if p.Left > 0 {
		fields = append(fields, zap.Duration("left", p.Left.Round(time.Second)))
	}
	log.Info(message, fields...)
}
