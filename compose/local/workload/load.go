package workload

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Load changes the events table as an application would: small transactions of inserts, updates and deletes over the
// newest rows and old ones alike, some of them rolled back.
type Load struct {
	inserted, updated, deleted atomic.Int64
}

// Changes is how many rows were changed by committed transactions so far.
func (l *Load) Changes() int64 { return l.inserted.Load() + l.updated.Load() + l.deleted.Load() }

// Run changes about rate rows a second over one connection until ctx ends, which is no error.
func (l *Load) Run(ctx context.Context, dsn string, rate int, seed uint64) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing of it is needed any more
	rng := rand.New(rand.NewPCG(seed, 0))        //nolint:gosec // G404: a load, not a secret
	const perTransaction = 10
	tick := time.NewTicker(time.Second * perTransaction / time.Duration(rate))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := l.transaction(ctx, conn, rng, perTransaction); err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // the end interrupted it
			}
			return fmt.Errorf("load: %w", err)
		}
	}
}

var errRollback = errors.New("rolled back on purpose")

func (l *Load) transaction(ctx context.Context, conn *pgx.Conn, rng *rand.Rand, n int) error {
	var inserted, updated, deleted int64
	var batch pgx.Batch // one round trip
	add := func(rows *int64, sql string, args ...any) {
		batch.Queue(sql, args...).Exec(func(tag pgconn.CommandTag) error {
			*rows += tag.RowsAffected()
			return nil
		})
	}
	for range 1 + rng.IntN(2*n-1) {
		switch p := rng.IntN(100); {
		case p < 60:
			add(&inserted, insertEvent, rng.IntN(projects)+1, rng.IntN(authors)+1, rng.IntN(1_000_000), rng.IntN(12)+1)
		case p < 85:
			add(&updated, updateEvent, rng.Float64(), rng.IntN(12)+1)
		default:
			add(&deleted, deleteEvent, rng.Float64())
		}
	}
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return err
		}
		if rng.IntN(20) == 0 {
			return errRollback
		}
		return nil
	})
	if errors.Is(err, errRollback) {
		return nil
	}
	if err == nil {
		l.inserted.Add(inserted)
		l.updated.Add(updated)
		l.deleted.Add(deleted)
	}
	return err
}
