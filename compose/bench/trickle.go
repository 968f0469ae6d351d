package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// writeTrickle writes rows of the ids from first on, in a transaction each, at the rate of the trickle.
func (b *bench) writeTrickle(ctx context.Context, first int64, rows int) error {
	conns := make([]*pgx.Conn, trickleWriters)
	for i := range conns {
		var err error
		if conns[i], err = pgx.Connect(ctx, b.stack.Postgres.DSN()); err != nil {
			return err
		}
		defer conns[i].Close(context.WithoutCancel(ctx)) //nolint:errcheck // what it wrote was answered
	}
	errs := make([]error, len(conns))
	began := time.Now()
	var wg sync.WaitGroup
	for i, conn := range conns {
		wg.Go(func() { errs[i] = writeShare(ctx, conn, began, first, i, rows) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// writeShare writes one writer's share of the rows, each when it is due, and catches up when it is late.
func writeShare(ctx context.Context, conn *pgx.Conn, began time.Time, first int64, from, rows int) error {
	due := time.NewTimer(0)
	defer due.Stop()
	for i := from; i < rows; i += trickleWriters {
		if wait := time.Until(began.Add(time.Duration(i) * time.Second / trickleRate)); wait > 0 {
			due.Reset(wait)
			select {
			case <-due.C:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		id := first + int64(i)
		if _, err := conn.Exec(ctx, insertSQL, id, id); err != nil {
			return err
		}
	}
	return nil
}
