package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse"
)

// killProducer kills it every 5 to 10 seconds, and starts it again.
func (c *chaos) killProducer(ctx context.Context) error {
	rng := c.random(3)
	for sleep(ctx, between(rng, 5*time.Second, 10*time.Second)) {
		c.kills.producers.Add(1)
		if err := c.producer.kill(); err != nil {
			return err
		}
		if err := c.producer.start(); err != nil {
			return err
		}
	}
	return nil
}

// killClickHouse kills it every 10 to 20 seconds, and starts it again where it was.
func (c *chaos) killClickHouse(ctx context.Context) error {
	rng := c.random(4)
	for sleep(ctx, between(rng, 10*time.Second, 20*time.Second)) {
		c.kills.clickhouse.Add(1)
		if err := c.click.restart(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// clickhouseServer is one that comes back.
type clickhouseServer struct {
	server  *clickhouse.Server // belongs to whoever restarts it
	address string
	dir     string
	gateway []string
	log     io.Writer
}

func (s *clickhouseServer) restart(ctx context.Context) error {
	if err := s.server.Kill(); err != nil {
		return err
	}
	next, err := clickhouse.Start(ctx, clickhouse.Config{Dir: s.dir, Addr: s.address, Program: s.gateway, Log: s.log})
	if err != nil {
		return err
	}
	s.server = next
	return nil
}

func (s *clickhouseServer) exec(ctx context.Context, sql string) error {
	return s.connected(ctx, func(conn *ch.Client) error { return conn.Do(ctx, ch.Query{Body: sql}) })
}

func (s *clickhouseServer) connected(ctx context.Context, f func(*ch.Client) error) error {
	conn, err := ch.Dial(ctx, ch.Options{Address: s.address})
	if err != nil {
		return err
	}
	return errors.Join(f(conn), conn.Close())
}

// numbers gives the columns name and n of a query.
func (s *clickhouseServer) numbers(ctx context.Context, sql string) (map[string]int64, error) {
	all := map[string]int64{}
	var name proto.ColStr
	var n proto.ColInt64
	err := s.connected(ctx, func(conn *ch.Client) error {
		return conn.Do(ctx, ch.Query{
			Body: sql, Result: proto.Results{{Name: "name", Data: &name}, {Name: "n", Data: &n}},
			OnResult: func(context.Context, proto.Block) error {
				for i := range n {
					all[name.Row(i)] = n[i]
				}
				return nil
			},
		})
	})
	if err != nil {
		return nil, fmt.Errorf("count: %w", err)
	}
	return all, nil
}
