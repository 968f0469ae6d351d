package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.uber.org/zap"

	"eventsync/consumer/internal/gate"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
)

// CheckOffline says that the config, which has been read by now, makes sense.
func CheckOffline(cfg *config.Config, out io.Writer) error {
	_, err := fmt.Fprintf(out, "ok: config: %d tables, group %s, flag %s\n", len(cfg.Tables), cfg.Consumer.Group, cfg.Gate.Flag)
	return err
}

// Check connects to everything that run needs and prints a line for each: "ok: ..." or "PROBLEM: ..." with the remedy.
func Check(ctx context.Context, cfg *config.Config, log *zap.Logger, out io.Writer) error {
	found := program.Findings{Out: out}
	found.Add("Kafka", checkKafka(ctx, cfg))
	checkTargets(ctx, cfg, log, &found)
	found.Add("flag "+cfg.Gate.Flag, checkGate(ctx, cfg, log))
	return found.Err()
}

// checkKafka has a time of its own, as have the others: one that does not answer says nothing of the next.
func checkKafka(ctx context.Context, cfg *config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	client, err := kafkaclient.New(cfg.Kafka, clientID)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, topic := range topics(cfg) {
		if _, err := client.Partitions(ctx, topic); err != nil {
			if errors.Is(err, kafkaclient.ErrNoTopic) {
				return fmt.Errorf("%w: the producer creates it when it publishes the first change", err)
			}
			return err
		}
	}
	return nil
}

func checkTargets(ctx context.Context, cfg *config.Config, log *zap.Logger, found *program.Findings) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	s, err := sink.New(cfg.ClickHouse, log)
	if err == nil {
		defer s.Close()
		err = s.Ping(ctx)
	}
	found.Add("ClickHouse", err)
	if err != nil {
		return
	}
	for _, t := range cfg.Tables {
		d, err := s.Describe(ctx, t.TargetName())
		if err == nil {
			err = refuse(d)
		}
		found.Add("target "+t.TargetName(), err)
	}
}

func checkGate(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	g, err := gate.Open(ctx, cfg.Gate, log)
	if err != nil {
		return err
	}
	return errors.Join(g.Verdict().Err, g.Close())
}
