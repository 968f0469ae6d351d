package app

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/producer/internal/lookup"
	"eventsync/producer/internal/publish"
	"eventsync/producer/internal/replication"
	"eventsync/producer/internal/snapshot"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// DrainTimeout bounds the end after SIGTERM: what is on its way to Kafka is waited for, and the slot's last status sent.
const DrainTimeout = 15 * time.Second

// clientID is the name that brokers see.
const clientID = "eventsync-producer"

// Run publishes until ctx ends, which is no error.
func Run(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	return run(ctx, cfg, patience, log)
}

func run(ctx context.Context, cfg *config.Config, patience time.Duration, log *zap.Logger) error {
	client, err := kafkaclient.New(cfg.Kafka, clientID)
	if err != nil {
		return err
	}
	defer client.Close()
	memory, err := state.New(cfg.Postgres.DSN, cfg.Producer.Slot)
	if err != nil {
		return err
	}
	defer memory.Close()
	publisher, err := publish.New(client, cfg, memory, log)
	if err != nil {
		return err
	}
	joined, err := lookup.New(cfg, publisher, log)
	if err != nil {
		return err
	}
	defer joined.Close()
	first := &intake{Publisher: joined}
	snapshotter := snapshot.New(cfg, joined, log)
	replicator, err := replication.New(replication.Configure(cfg), first, snapshotter, log)
	if err != nil {
		return err
	}
	joined.Blind(func() []source.Name { return leftOut(replicator) })
	seen := &parts{intake: first, lookup: joined, publisher: publisher, snapshotter: snapshotter, replicator: replicator}
	server, err := show(ctx, cfg, seen, patience, log)
	if err != nil {
		return err
	}
	defer server.Stop()

	// The publisher outlives the replicator, which ends by waiting until everything it gave is acknowledged.
	replicating, stopReplicator := context.WithCancel(ctx)
	defer stopReplicator()
	publishing, stopPublisher := context.WithCancel(context.WithoutCancel(ctx))
	defer stopPublisher()
	failed := make(chan error, 1)
	go func() {
		defer stopReplicator()
		failed <- publisher.Run(publishing)
	}()
	err = replicator.Run(replicating)
	stopPublisher()
	if reason := <-failed; !errors.Is(reason, context.Canceled) {
		return reason // it came first, and the replicator only ended because of it
	}
	return err
}

// leftOut names the tables whose changes do not come.
func leftOut(r *replication.Replicator) []source.Name {
	var names []source.Name
	for _, t := range r.LeftOut() {
		names = append(names, t.Table)
	}
	return names
}
