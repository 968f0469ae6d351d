package sink

import (
	"context"
	"fmt"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// Select runs a query in the sink's database, and calls onBlock each time that a block of rows has been read into result.
func (s *Sink) Select(ctx context.Context, query string, result proto.Results, onBlock func(rows int) error) error {
	err := s.pool.use(ctx, func(ctx context.Context, c *client) error {
		return c.Do(ctx, ch.Query{Body: query, Result: result, OnResult: func(_ context.Context, b proto.Block) error {
			return onBlock(b.Rows)
		}})
	})
	if err != nil {
		return fmt.Errorf("select: %w", err)
	}
	return nil
}
