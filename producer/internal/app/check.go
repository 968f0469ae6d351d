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
	"eventsync/producer/internal/replication"
)

// checkTimeout bounds a check.
const checkTimeout = 10 * time.Second

// CheckOffline says that the config, which has been read by now, makes sense.
func CheckOffline(cfg *config.Config, out io.Writer) error {
	_, err := fmt.Fprintf(out, "ok: config: %d tables, slot %s, publication %s\n", len(cfg.Tables), cfg.Producer.Slot, cfg.Producer.Publication)
	return err
}

// errFindings says that a check found something, which has been printed.
var errFindings = errors.New("the check found problems")

// Check connects to everything that run needs and prints a line for each: "ok: ..." or "PROBLEM: ..." with the remedy.
// It changes nothing.
func Check(ctx context.Context, cfg *config.Config, log *zap.Logger, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found := false
	say := func(what string, err error) {
		if err != nil {
			found = true
			fmt.Fprintf(out, "PROBLEM: %s: %v\n", what, err)
			return
		}
		fmt.Fprintf(out, "ok: %s\n", what)
	}
	say("PostgreSQL", replication.Check(ctx, replication.Configure(cfg), log))
	say("Kafka", checkKafka(ctx, cfg))
	if found {
		return errFindings
	}
	return nil
}

func checkKafka(ctx context.Context, cfg *config.Config) error {
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
