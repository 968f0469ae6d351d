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
)

// CheckOffline says that the config, which has been read by now, makes sense.
func CheckOffline(cfg *config.Config, out io.Writer) error {
	_, err := fmt.Fprintf(out, "ok: config: %d tables, group %s, flag %s\n", len(cfg.Tables), cfg.Consumer.Group, cfg.Gate.Flag)
	return err
}

// errFindings says that a check found something, which has been printed.
var errFindings = errors.New("the check found problems")

// Check connects to everything that run needs and prints a line for each: "ok: ..." or "PROBLEM: ..." with the remedy.
func Check(ctx context.Context, cfg *config.Config, log *zap.Logger, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
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
	say("Kafka", checkKafka(ctx, cfg))
	checkTargets(ctx, cfg, log, say)
	say("flag "+cfg.Gate.Flag, checkGate(ctx, cfg, log))
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
	for _, topic := range topics(cfg) {
		if _, err := client.Partitions(ctx, topic); err != nil {
			if errors.Is(err, kafkaclient.ErrNoTopic) {
				return fmt.Errorf("topic %s: %w: the producer creates it when it starts", topic, err)
			}
			return err
		}
	}
	return nil
}

func checkTargets(ctx context.Context, cfg *config.Config, log *zap.Logger, say func(string, error)) {
	s, err := sink.New(cfg.ClickHouse, log)
	if err == nil {
		defer s.Close()
		err = s.Ping(ctx)
	}
	say("ClickHouse", err)
	if err != nil {
		return
	}
	for _, t := range cfg.Tables {
		d, err := s.Describe(ctx, t.TargetName())
		if err == nil {
			err = refuse(d)
		}
		say("target "+t.TargetName(), err)
	}
}

func checkGate(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	g, err := gate.Open(ctx, cfg.Gate, log)
	if err != nil {
		return err
	}
	return errors.Join(g.Verdict().Err, g.Close())
}
