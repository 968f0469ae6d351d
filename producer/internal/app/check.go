package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
	"eventsync/producer/internal/replication"
)

// answerTimeout bounds what a check waits for one service.
const answerTimeout = 10 * time.Second

// CheckOffline says that the config, which has been read by now, makes sense.
func CheckOffline(cfg *config.Config, out io.Writer) error {
	_, err := fmt.Fprintf(out, "ok: config: %d tables, slot %s, publication %s\n", len(cfg.Tables), cfg.Producer.Slot, cfg.Producer.Publication)
	return err
}

// Check connects to everything that run needs and prints a line for each: "ok: ..." or "PROBLEM: ..." with the remedy.
// It changes nothing.
func Check(ctx context.Context, cfg *config.Config, log *zap.Logger, out io.Writer) error {
	found := program.Findings{Out: out}
	found.Add("PostgreSQL", checkPostgres(ctx, cfg, log))
	found.Add("Kafka", checkKafka(ctx, cfg))
	return found.Err()
}

// checkPostgres has a time of its own, as has checkKafka: one that does not answer says nothing of the other.
func checkPostgres(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return replication.Check(ctx, replication.Configure(cfg), log)
}

func checkKafka(ctx context.Context, cfg *config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	client, err := kafkaclient.New(cfg.Kafka, clientID)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, t := range cfg.Tables {
		if _, err := client.Partitions(ctx, cfg.Kafka.Topic(t.Source)); err != nil && !errors.Is(err, kafkaclient.ErrNoTopic) {
			return err
		}
	}
	return nil
}
