package chaos

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// counted are the raw rows of the targets, and what the views have made of them.
const counted = `SELECT 'items' AS name, toInt64(count()) AS n FROM items UNION ALL SELECT 'facts', toInt64(count()) FROM facts
	UNION ALL SELECT 'items_by_kind', toInt64(sum(n)) FROM items_by_kind UNION ALL SELECT 'facts_by_kind', toInt64(sum(n)) FROM facts_by_kind`

// targets counts in ClickHouse.
func (c *chaos) targets(ctx context.Context) (map[string]int64, error) {
	return c.click.numbers(ctx, counted)
}

// ledger counts the changes that the second slot has seen since it was last asked: pgoutput's messages of kind insert,
// update and delete, whose relation's oid comes next.
const ledger = `
SELECT r.relname, count(*)
FROM pg_logical_slot_get_binary_changes('ledger', NULL, NULL, 'proto_version', '1', 'publication_names', 'ledger') m
JOIN pg_class r ON r.oid = ('x' || encode(substring(m.data FROM 2 FOR 4), 'hex'))::bit(32)::int::oid
WHERE chr(get_byte(m.data, 0)) IN ('I', 'U', 'D') GROUP BY 1`

// streamed counts what was streamed, by the second slot.
func (c *chaos) streamed(ctx context.Context) (map[string]int64, error) {
	all := map[string]int64{}
	err := c.postgres(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, ledger)
		if err != nil {
			return err
		}
		var name string
		var n int64
		_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error {
			all[name] = n
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the second slot: %w", err)
	}
	return all, nil
}

func (k *kills) String() string {
	return fmt.Sprintf("%d consumers (and %d put to sleep), %d producers, %d ClickHouse", k.consumers.Load(), k.frozen.Load(), k.producers.Load(), k.clickhouse.Load())
}
