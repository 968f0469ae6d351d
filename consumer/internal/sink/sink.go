package sink

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"eventsync/pkg/config"
)

// Sink is one ClickHouse database, on one shard or several. Its methods may be called at the same time.
type Sink struct {
	servers []*Server
}

// Server is one shard: replicas that share their data, one of which is asked at a time.
type Server struct {
	Name     string // its addresses
	database string
	replicas int
	pool     *pool
}

// New makes a sink; it connects when it is used.
func New(cfg config.ClickHouse) (*Sink, error) {
	shards := cfg.Shards
	if len(shards) == 0 {
		shards = []config.Shard{{Addresses: cfg.Addresses}}
	}
	s := &Sink{}
	for _, shard := range shards {
		options, err := clientOptions(cfg)
		if err == nil && len(shard.Addresses) == 0 {
			err = errNoAddress
		}
		if err != nil {
			return nil, fmt.Errorf("clickhouse: %w", err)
		}
		s.servers = append(s.servers, &Server{
			Name: strings.Join(shard.Addresses, ","), database: cfg.Database, replicas: len(shard.Addresses),
			pool: &pool{addresses: shard.Addresses, options: options},
		})
	}
	return s, nil
}

var errNoAddress = errors.New("no address is configured")

// Servers are the shards.
func (s *Sink) Servers() []*Server { return s.servers }

// Server is the shard that the rows of a topic's partition go to, always the same one.
func (s *Sink) Server(partition int) *Server { return s.servers[partition%len(s.servers)] }

// Ping reports whether every shard answers and accepts the user. The error names each address with its reason.
func (s *Sink) Ping(ctx context.Context) error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Ping(ctx))
	}
	return errors.Join(errs...)
}

// Close ends the connections that are not in use. Nothing may be called afterwards.
func (s *Sink) Close() {
	for _, server := range s.servers {
		server.pool.close()
	}
}

// Ping reports whether some replica answers and accepts the user.
func (s *Server) Ping(ctx context.Context) error {
	return s.failed("ping", s.pool.use(ctx, func(ctx context.Context, c *client) error { return c.Ping(ctx) }))
}

// Replicas is how many servers share the shard's data.
func (s *Server) Replicas() int { return s.replicas }
