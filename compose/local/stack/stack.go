// Package stack starts the whole local stack under one directory: PostgreSQL, a Kafka broker and ClickHouse, each real
// or real in its protocol, without Docker and without root.
//
// What it promises: after a start all three serve clients; started again on the same directory they have the same
// data; a failed start leaves nothing running; Stop leaves no child process, and neither does the end of this process.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"sync"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/clickhouse"
	"eventsync/compose/local/kafka"
	"eventsync/compose/local/postgres"
)

// Ports on 127.0.0.1; 0 picks a free one.
type Ports struct{ Postgres, Kafka, ClickHouse int }

// Config says where the stack lives. Dir is the only field without a default.
type Config struct {
	Dir   string
	Ports Ports
	// ApacheKafka runs Apache Kafka instead of the broker in this process. It needs a JDK and Maven.
	ApacheKafka bool
	// Gateway is the command that runs the ClickHouse gateway; built from this module's source when nil.
	Gateway []string
	// Log receives what the servers log.
	Log io.Writer
}

// Broker is what both kinds of broker can do.
type Broker interface {
	Addr() string
	Restart(ctx context.Context) error
	Stop(ctx context.Context) error
}

// Stack is three running servers.
type Stack struct {
	Postgres   *postgres.Server
	Broker     Broker
	ClickHouse *clickhouse.Server
}

// Start starts the three servers side by side.
func Start(ctx context.Context, c Config) (*Stack, error) {
	s := &Stack{}
	var wg sync.WaitGroup
	var errs [3]error
	start := func(i int, name string, f func() error) {
		wg.Go(func() {
			if err := f(); err != nil {
				errs[i] = fmt.Errorf("start %s: %w", name, err)
			}
		})
	}
	start(0, "PostgreSQL", func() (err error) {
		s.Postgres, err = postgres.Start(ctx, postgres.Config{Dir: filepath.Join(c.Dir, "postgres"), Port: c.Ports.Postgres, Log: c.Log})
		return err
	})
	start(1, "Kafka", func() (err error) {
		s.Broker, err = startBroker(ctx, c)
		return err
	})
	start(2, "ClickHouse", func() (err error) {
		s.ClickHouse, err = clickhouse.Start(ctx, clickhouse.Config{
			Dir: filepath.Join(c.Dir, "clickhouse"), Addr: address(c.Ports.ClickHouse), Program: c.Gateway, Log: c.Log,
		})
		return err
	})
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, errors.Join(err, s.Stop(ctx))
	}
	return s, nil
}

// brokerSettings let a group's session be shorter than brokers do by default, six seconds: who kills a consumer here is
// watching.
var brokerSettings = map[string]string{"group.min.session.timeout.ms": "1000"}

func startBroker(ctx context.Context, c Config) (Broker, error) {
	if c.ApacheKafka {
		b, err := kafka.Start(ctx, kafka.Config{Dir: filepath.Join(c.Dir, "apache-kafka"), Port: c.Ports.Kafka, Properties: brokerSettings, Log: c.Log})
		if err != nil {
			return nil, err
		}
		return b, nil
	}
	b, err := broker.Start(ctx, broker.Config{Dir: filepath.Join(c.Dir, "kafka"), Addr: address(c.Ports.Kafka), Settings: brokerSettings, Log: c.Log})
	if err != nil {
		return nil, err
	}
	return b, nil
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// Stop stops what runs, in the order in which rows flow.
func (s *Stack) Stop(ctx context.Context) error {
	var errs []error
	if s.Postgres != nil {
		errs = append(errs, s.Postgres.Stop(ctx))
	}
	if s.Broker != nil {
		errs = append(errs, s.Broker.Stop(ctx))
	}
	if s.ClickHouse != nil {
		errs = append(errs, s.ClickHouse.Stop(ctx))
	}
	return errors.Join(errs...)
}
