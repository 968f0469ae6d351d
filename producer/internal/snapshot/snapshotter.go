package snapshot

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
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
	chunkPages  int64
	publisher   Publisher
	log         *zap.Logger

	mu     sync.Mutex
	tables map[source.Name]*table // of the snapshots since the start, the last of each
}

// New makes a Snapshotter with as many connections as are configured.
func New(cfg *config.Config, publisher Publisher, log *zap.Logger) *Snapshotter {
	return &Snapshotter{
		dsn: cfg.Postgres.DSN, connections: max(1, cfg.Producer.SnapshotConnections), chunkPages: chunkPages,
		publisher: publisher, log: log, tables: map[source.Name]*table{},
	}
}

// Copy publishes those rows of the snapshot's tables that are not in Kafka yet, as remembered has it, where it also
// notes what is, and each table that is done. An error of the Publisher is a *source.PublishError, unless ctx ended.
func (s *Snapshotter) Copy(ctx context.Context, snapshot *source.Snapshot, remembered *state.Store) error {
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
	tables, err := s.plan(ctx, workers, snapshot, remembered)
	if err != nil {
		return err
	}
	snapshot.Release()
	s.watch(tables)
	meter := startMeter(s.log, tables)
	defer meter.stop()

	ledger := newLedger(tables, s.publisher, remembered, s.log)
	chunks := make(chan chunk)
	group.Go(func() error {
		defer close(chunks)
		return feed(ctx, tables, chunks)
	})
	for _, w := range workers {
		group.Go(func() error { return w.work(ctx, chunks, ledger) })
	}
	group.Go(func() error { return ledger.keep(ctx) })
	return group.Wait()
}

// feed gives the chunks of one table after the other.
func feed(ctx context.Context, tables []*table, chunks chan<- chunk) error {
	for _, t := range tables {
		t.begin()
		for _, c := range t.chunks {
			select {
			case chunks <- c:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}

// work reads chunks until there are none left.
func (w *worker) work(ctx context.Context, chunks <-chan chunk, ledger *ledger) error {
	for c := range chunks {
		rows, err := w.copy(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.table.Name, err)
		}
		ledger.published(c, rows)
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
