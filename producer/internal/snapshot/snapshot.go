package snapshot

import (
	"context"
	"fmt"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// Publisher is given the rows.
type Publisher interface {
	// Publish takes changes and keeps nothing of them. It may be called from any goroutine.
	Publish(ctx context.Context, changes []change.Change) error
	// Flush waits until everything given is acknowledged.
	Flush(ctx context.Context) error
}

// Snapshotter reads snapshots.
type Snapshotter struct {
	dsn         config.Secret
	connections int
	publisher   Publisher
	log         *zap.Logger
}

// New makes a Snapshotter; it does not connect yet.
func New(cfg *config.Config, publisher Publisher, log *zap.Logger) *Snapshotter {
	return &Snapshotter{dsn: cfg.Postgres.DSN, connections: cfg.Producer.SnapshotConnections, publisher: publisher, log: log}
}

// Copy publishes every row of the snapshot's tables, and calls done for each table of which all are acknowledged. The
// snapshot must stay exported until it returns.
func (s *Snapshotter) Copy(ctx context.Context, snap *source.Snapshot, done func(context.Context, source.Name) error) error {
	readers := make([]*reader, s.connections)
	for i := range readers {
		r, err := open(ctx, s.dsn, snap, s.publisher)
		if err != nil {
			return err
		}
		defer r.close()
		readers[i] = r
	}
	for _, name := range snap.Tables {
		if err := s.table(ctx, readers, name); err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
		if err := done(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Snapshotter) table(ctx context.Context, readers []*reader, name source.Name) error {
	table, err := readers[0].describe(ctx, name)
	if err != nil {
		return err
	}
	pages, err := readers[0].pages(ctx, table)
	if err != nil {
		return err
	}
	cut := ranges(table, pages)
	progress := newProgress(s.log.With(zap.Stringer("table", name)), len(cut))
	queue := make(chan pageRange, len(cut))
	for _, r := range cut {
		queue <- r
	}
	close(queue)
	group, reading := errgroup.WithContext(ctx)
	for _, r := range readers {
		group.Go(func() error {
			for part := range queue {
				if err := r.copy(reading, table, part, progress.rows); err != nil {
					return err
				}
				progress.done()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := s.publisher.Flush(ctx); err != nil {
		return published(ctx, err)
	}
	progress.end()
	return nil
}

// published tells a failure to publish, which is for good, from the end of ctx.
func published(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return &source.PublishError{Err: err}
}
