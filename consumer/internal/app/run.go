package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/deadletter"
	"eventsync/consumer/internal/fetch"
	"eventsync/consumer/internal/gate"
	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

// clientID is the name that brokers see.
const clientID = "eventsync-consumer"

// app is what the workers of all partitions share.
type app struct {
	cfg    *config.Config
	log    *zap.Logger
	client *kafkaclient.Client
	reader *fetch.Factory
	dead   *deadletter.Writer
	sink   *sink.Sink
	gate   *gate.Gate
	tables map[string]config.Table // by topic
	shared *shared
	seen   *seen
}

// Run syncs until ctx ends, which is no error.
func Run(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	return consume(ctx, cfg, patience, log)
}

func consume(ctx context.Context, cfg *config.Config, patience time.Duration, log *zap.Logger) (err error) {
	a := &app{cfg: cfg, log: log, tables: tables(cfg), shared: newShared(cfg.Consumer)}
	if a.client, err = kafkaclient.New(cfg.Kafka, clientID); err != nil {
		return err
	}
	defer a.client.Close()
	if a.sink, err = sink.New(cfg.ClickHouse); err != nil {
		return err
	}
	defer a.sink.Close()
	if a.gate, err = gate.Open(ctx, cfg.Gate, log); err != nil {
		if ctx.Err() != nil {
			return nil // the end came first
		}
		return err
	}
	defer func() { err = errors.Join(err, a.gate.Close()) }()
	a.reader = fetch.NewFactory(a.client, log)
	if a.dead, err = deadletter.NewWriter(a.client, cfg, log); err != nil {
		return err
	}
	a.seen = a.see(patience)
	server, err := a.seen.show(ctx, cfg.Consumer.Listen, log)
	if err != nil {
		return err
	}
	defer server.Stop()
	defer a.seen.run(ctx)() // the last cursors are written when the workers have ended
	if err := a.awaitTarget(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // the end came first
		}
		return err
	}
	gc := group.DefaultConfig()
	gc.ID, gc.Topics, gc.SessionTimeout, gc.StopTimeout = cfg.Consumer.Group, topics(cfg), cfg.Consumer.SessionTimeout, cfg.Consumer.DrainTimeout/2
	gc.LeaveTimeout = cfg.Consumer.DrainTimeout / 4
	g, err := group.New(a.client, gc, log)
	if err != nil {
		return err
	}
	a.seen.group.Store(g)
	log.Info("consuming", zap.String("group", cfg.Consumer.Group), zap.Strings("topics", topics(cfg)), zap.String("flag", cfg.Gate.Flag))
	if err := g.Run(ctx, a.work); ctx.Err() == nil {
		return err
	}
	return nil
}

func tables(cfg *config.Config) map[string]config.Table {
	m := map[string]config.Table{}
	for _, t := range cfg.Tables {
		m[cfg.Kafka.Topic(t.Source)] = t
	}
	return m
}

func topics(cfg *config.Config) (names []string) {
	for _, t := range cfg.Tables {
		names = append(names, cfg.Kafka.Topic(t.Source))
	}
	return names
}

var errNoTable = errors.New("no table of the config has this topic")

// table finds the table of a topic.
func (a *app) table(topic string) (config.Table, error) {
	t, ok := a.tables[topic]
	if !ok {
		return t, fmt.Errorf("topic %s: %w", topic, errNoTable)
	}
	return t, nil
}
