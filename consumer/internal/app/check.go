package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.uber.org/zap"

	"eventsync/consumer/internal/gate"
	"eventsync/pkg/config"
	"eventsync/pkg/program"
)

// CheckOffline says that the config, which has been read by now, makes sense.
func CheckOffline(cfg *config.Config, out io.Writer, asJSON bool) error {
	found := program.Findings{Out: out, JSON: asJSON}
	found.Add(fmt.Sprintf("config: %d tables, group %s, flag %s", len(cfg.Tables), cfg.Consumer.Group, cfg.Gate.Flag), nil)
	return found.Err()
}

// Check connects to everything that run needs and prints a line for each thing that it looks at: "ok: ...", or
// "PROBLEM: ..." with the remedy; or all of it as JSON. It changes nothing.
func Check(ctx context.Context, cfg *config.Config, log *zap.Logger, out io.Writer, asJSON bool) error {
	found := program.Findings{Out: out, JSON: asJSON}
	relations := checkKafka(ctx, cfg, &found)
	checkTargets(ctx, cfg, log, relations, &found)
	found.Add("flag "+cfg.Gate.Flag, checkGate(ctx, cfg, log))
	return found.Err()
}

func checkGate(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	g, err := gate.Open(ctx, cfg.Gate, log)
	if err != nil {
		return err
	}
	return errors.Join(g.Verdict().Err, g.Close())
}
