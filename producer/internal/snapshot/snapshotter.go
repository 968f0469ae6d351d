package snapshot

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// Publisher is given the rows. Several connections publish at once.
type Publisher interface {
	// Publish keeps nothing of the changes, and waits while too much is on its way.
	Publish(ctx context.Context, changes []change.Change) error
	// Flush waits until everything given is safe.
	Flush(ctx context.Context) error
}

// Snapshotter reads snapshots.
type Snapshotter struct {
	dsn         config.Secret
	connections int
	publisher   Publisher
	log         *zap.Logger
}

// New makes a Snapshotter with as many connections as are configured.
func New(cfg *config.Config, publisher Publisher, log *zap.Logger) *Snapshotter {
	return &Snapshotter{
		dsn: cfg.Postgres.DSN, connections: max(1, cfg.Producer.SnapshotConnections), publisher: publisher, log: log,
	}
}

// Copy publishes all rows of the snapshot's tables. It calls done for each table when every row of it is safe. An error
// of the Publisher is a *source.PublishError, unless ctx ended.
func (s *Snapshotter) Copy(ctx context.Context, snapshot *source.Snapshot, done func(context.Context, source.Name) error) error {
	group, ctx := errgroup.WithContext(ctx)
	workers := make([]*worker, 0, s.connections)
	defer func() {
		for _, w := range workers {
			w.close()
		}
	}()
	for range s.connections {
		w, err := s.newWorker(ctx, snapshot)
		if err != nil {
			return err
		}
		workers = append(workers, w)
	}
	tables, err := workers[0].describe(ctx, snapshot.Tables)
	if err != nil {
		return err
	}
	chunks := make(chan chunk)
	group.Go(func() error {
		defer close(chunks)
		for _, t := range tables {
			for c := range t.chunks() {
				select {
				case chunks <- c:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
		}
		return nil
	})
	for _, w := range workers {
		group.Go(func() error { return s.work(ctx, w, chunks, done) })
	}
	meter := startMeter(s.log, tables)
	defer meter.stop()
	return group.Wait()
}

// work reads chunks until there are none left. Whoever reads a table's last one reports the table.
func (s *Snapshotter) work(ctx context.Context, w *worker, chunks <-chan chunk, done func(context.Context, source.Name) error) error {
	for c := range chunks {
		if err := w.copy(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", c.table.Name, err)
		}
		if c.table.left.Add(-1) > 0 {
			continue
		}
		if err := s.publisher.Flush(ctx); err != nil {
			return publishError(ctx, err)
		}
		if err := done(ctx, c.table.Name); err != nil {
			return err
		}
		c.table.log(s.log, "the snapshot of a table is done")
	}
	return nil
}

// publishError tells a failure of the Publisher from one that is our own end.
func publishError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.Join(context.Cause(ctx), err)
	}
	return &source.PublishError{Err: err}
}

// table is one table of a snapshot.
type table struct {
	*source.Table
	binary bool         // it is copied in binary
	pages  int64        // as they are now
	left   atomic.Int64 // chunks to be read
	meterings
}
