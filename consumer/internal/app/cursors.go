package app

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
)

const (
	// cursorsInterval is the least time between two writes.
	cursorsInterval = time.Second
	// cursorsTimeout bounds one, and lastCursorsTimeout the one at the end.
	cursorsTimeout     = 5 * time.Second
	lastCursorsTimeout = time.Second
)

// cursors writes how far each partition is synced to sync_cursors: of all partitions at once, at most once a second. The
// truth is in the committed offsets, so that a write that fails holds nothing up: it is told once, and tried again with
// what has come since.
type cursors struct {
	write func(context.Context, []sink.Cursor) error
	log   *zap.Logger
	lines lines

	mu     sync.Mutex
	rows   map[group.Partition]sink.Cursor // not written yet
	failed uint64
	more   chan struct{} // has something where there may be something to write
}

func newCursors(write func(context.Context, []sink.Cursor) error, log *zap.Logger) *cursors {
	return &cursors{write: write, log: log, lines: lines{log: log}, rows: map[group.Partition]sink.Cursor{}, more: make(chan struct{}, 1)}
}

// mark takes a partition's commit, and does not wait.
func (c *cursors) mark(p group.Partition, table config.Table, topicID string, m partition.Mark) {
	c.mu.Lock()
	c.rows[p] = sink.Cursor{
		Table: table.TargetName(), Partition: p.ID, TopicID: topicID, Offset: m.Offset, Complete: m.Offset, LSN: uint64(m.Position.Commit), At: time.Now(),
	}
	c.mu.Unlock()
	c.lines.processed(p, table.Source, m.Rows, m.End)
	c.wake()
}

// disabled notes that the gate holds the table back.
func (c *cursors) disabled(table string) {
	c.lines.disabled(table)
	c.wake()
}

// wake has run look, which may be at it.
func (c *cursors) wake() {
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// run writes until ctx ends, and once more then.
func (c *cursors) run(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-c.more:
			began := time.Now()
			failing = c.flush(ctx, cursorsTimeout, failing)
			select {
			case <-ctx.Done():
			case <-time.After(time.Until(began.Add(cursorsInterval))):
			}
		}
	}
	c.flush(context.WithoutCancel(ctx), lastCursorsTimeout, failing)
}

// flush writes what there is, and reports whether that failed; failing says whether the write before did.
func (c *cursors) flush(ctx context.Context, timeout time.Duration, failing bool) bool {
	c.lines.tell()
	rows := c.take()
	if len(rows) == 0 {
		return failing
	}
	writing, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := c.write(writing, slices.Collect(maps.Values(rows)))
	switch {
	case err != nil:
		c.putBack(rows)
		if !failing && ctx.Err() == nil {
			c.log.Warn("sync_cursors cannot be written; syncing goes on, and it is tried again", zap.Error(err))
		}
	case failing:
		c.log.Info("sync_cursors is written again")
	}
	return err != nil
}

func (c *cursors) take() map[group.Partition]sink.Cursor {
	c.mu.Lock()
	defer c.mu.Unlock()
	rows := c.rows
	c.rows = map[group.Partition]sink.Cursor{}
	return rows
}

// putBack keeps rows for the next time, but for those that newer ones have come for.
func (c *cursors) putBack(rows map[group.Partition]sink.Cursor) {
	c.mu.Lock()
	maps.Copy(rows, c.rows)
	c.rows = rows
	c.failed++
	c.mu.Unlock()
	c.wake()
}

func (c *cursors) failures() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}
