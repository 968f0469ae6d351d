package app

import (
	"maps"
	"slices"
	"sync"

	"go.uber.org/zap"

	"eventsync/consumer/internal/group"
)

// lines are the log's about tables: for each what was done since the one before, in the words of a worker that runs
// once and ends.
type lines struct {
	log *zap.Logger

	mu     sync.Mutex
	tables map[string]*line
}

// line is what is told of a table.
type line struct {
	synced bool
	rows   int
	ends   map[group.Partition]bool // of the partitions that were synced, whether nothing is left in them
	held   bool
}

func (l *lines) note(table string, f func(*line)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tables == nil {
		l.tables = map[string]*line{}
	}
	if l.tables[table] == nil {
		l.tables[table] = &line{ends: map[group.Partition]bool{}}
	}
	f(l.tables[table])
}

func (l *lines) processed(p group.Partition, table string, rows int, end bool) {
	if rows == 0 && !end { // an announcement alone
		return
	}
	l.note(table, func(n *line) { n.synced, n.rows, n.ends[p] = true, n.rows+rows, end })
}

func (l *lines) disabled(table string) {
	l.note(table, func(n *line) { n.held = true })
}

// tell writes what was noted to the log.
func (l *lines) tell() {
	l.mu.Lock()
	tables := l.tables
	l.tables = nil
	l.mu.Unlock()
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		n := tables[table]
		if n.synced {
			l.write("processed", table, n.rows, !slices.Contains(slices.Collect(maps.Values(n.ends)), false))
		}
		if n.held {
			l.write("disabled", table, 0, false)
		}
	}
}

func (l *lines) write(status, table string, rows int, end bool) {
	l.log.Info("sync", zap.String("status", status), zap.String("table", table), zap.Int("records_inserted", rows), zap.Bool("reached_end_of_table", end))
}
