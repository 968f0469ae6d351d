package sink

import (
	"context"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// Select runs a query in the sink's database, and calls onBlock each time that a block of rows has been read into result.
// It gives all rows, whatever limits the user's profile has.
func (s *Server) Select(ctx context.Context, query string, result proto.Results, onBlock func(rows int) error) error {
	return s.failed("select", s.pool.use(ctx, func(ctx context.Context, c *client) error {
		return stream(ctx, c, query, result, onBlock)
	}))
}

func stream(ctx context.Context, c *client, query string, result proto.Results, onBlock func(rows int) error) error {
	return c.Do(ctx, ch.Query{Body: query, Settings: selectSettings(), Result: result, OnResult: func(_ context.Context, b proto.Block) error {
		return onBlock(b.Rows)
	}})
}
