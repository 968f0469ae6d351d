package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
	"eventsync/producer/internal/publish"
	"eventsync/producer/internal/replication"
)

// answerTimeout bounds what a check waits for one service.
const answerTimeout = 10 * time.Second

// CheckOffline says that the config, which has been read by now, makes sense.
func CheckOffline(cfg *config.Config, out io.Writer, asJSON bool) error {
	found := program.Findings{Out: out, JSON: asJSON}
	found.Add(fmt.Sprintf("config: %d tables, slot %s, publication %s", len(cfg.Tables), cfg.Producer.Slot, cfg.Producer.Publication), nil)
	return found.Err()
}

// Check connects to everything that run needs and prints a line for each thing that it looks at: "ok: ...", or
// "PROBLEM: ..." with the remedy; or all of it as JSON. It changes nothing.
func Check(ctx context.Context, cfg *config.Config, log *zap.Logger, out io.Writer, asJSON bool) error {
	found := program.Findings{Out: out, JSON: asJSON}
	checkPostgres(ctx, cfg, log, &found)
	checkKafka(ctx, cfg, &found)
	return found.Err()
}

// checkPostgres has a time of its own, as has checkKafka: one that does not answer says nothing of the other.
func checkPostgres(ctx context.Context, cfg *config.Config, log *zap.Logger, found *program.Findings) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	for _, f := range replication.Check(ctx, replication.Configure(cfg), log) {
		f.What = "PostgreSQL: " + f.What
		found.Report(program.Finding(f))
	}
}

func checkKafka(ctx context.Context, cfg *config.Config, found *program.Findings) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	client, err := kafkaclient.New(cfg.Kafka, clientID)
	if err != nil {
		found.Add("Kafka", err)
		return
	}
	defer client.Close()
	for _, f := range publish.Check(ctx, client, cfg) {
		f.What = "Kafka: " + f.What
		found.Report(f)
	}
}
