package sink

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"eventsync/pkg/config"
)

// Sink inserts into one ClickHouse database. Its methods may be called at the same time.
type Sink struct {
	database string
	pool     *pool
	log      *zap.Logger
}

// New makes a sink; it connects when it is used.
func New(cfg config.ClickHouse, log *zap.Logger) (*Sink, error) {
	options, err := clientOptions(cfg)
	if err != nil {
		return nil, fmt.Errorf("clickhouse: %w", err)
	}
	return &Sink{database: cfg.Database, pool: &pool{addresses: cfg.Addresses, options: options}, log: log}, nil
}

// Ping reports whether some server answers and accepts the user. The error names each address with its reason.
func (s *Sink) Ping(ctx context.Context) error {
	return s.pool.use(ctx, func(ctx context.Context, c *client) error {
		return c.Ping(ctx)
	})
}

// Close ends the connections that are not in use. Nothing may be called afterwards.
func (s *Sink) Close() { s.pool.close() }
