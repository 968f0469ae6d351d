package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// load counts the changes of committed transactions, for each table.
type load struct{ items, facts atomic.Int64 }

func (l *load) changes() int64 { return l.items.Load() + l.facts.Load() }

const perTransaction = 20

// change changes the source until ctx ends. A transaction that has begun then is finished: what it did is known.
func (c *chaos) change(ctx context.Context) error {
	whole := context.WithoutCancel(ctx)
	rng := c.random(1)
	return c.postgres(whole, func(conn *pgx.Conn) error {
		for sleep(ctx, time.Second*perTransaction/time.Duration(c.options.Rate)) {
			if err := c.load.transaction(whole, conn, rng); err != nil {
				return fmt.Errorf("load: %w", err)
			}
		}
		return nil
	})
}

// transaction inserts facts, and inserts, updates and deletes items, new ones and old ones.
func (l *load) transaction(ctx context.Context, conn *pgx.Conn, rng *rand.Rand) error {
	var items, facts int64
	var batch pgx.Batch // one round trip
	add := func(rows *int64, sql string, args ...any) {
		batch.Queue(sql, args...).Exec(func(tag pgconn.CommandTag) error {
			*rows += tag.RowsAffected()
			return nil
		})
	}
	const some = " WHERE id = (SELECT id FROM items WHERE id >= ((SELECT max(id) FROM items) * $1::float8)::bigint ORDER BY id LIMIT 1)"
	for range perTransaction {
		kind, amount := rng.IntN(12), rng.IntN(1_000_000)
		switch p := rng.IntN(100); {
		case p < 40:
			add(&facts, "INSERT INTO facts (kind, amount, note) VALUES ($1, $2, 'fact')", kind, amount)
		case p < 70:
			add(&items, "INSERT INTO items (kind, amount, note) VALUES ($1, $2, 'new')", kind, amount)
		case p < 90:
			add(&items, "UPDATE items SET amount = $2, note = 'changed'"+some, rng.Float64(), amount)
		default:
			add(&items, "DELETE FROM items"+some, rng.Float64())
		}
	}
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return tx.SendBatch(ctx, &batch).Close() })
	if err == nil {
		l.items.Add(items)
		l.facts.Add(facts)
	}
	return err
}
