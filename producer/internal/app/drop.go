package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.uber.org/zap"

	"eventsync/pkg/config"
	"eventsync/producer/internal/replication"
)

var errNotSure = errors.New("nothing was dropped; say --yes to drop it: topics and ClickHouse tables stay, and a later start takes new snapshots")

// Drop takes away what the producer has left at the source, or, unless sure, says what that would be.
func Drop(ctx context.Context, cfg *config.Config, log *zap.Logger, out io.Writer, sure bool) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	did, err := replication.Drop(ctx, replication.Configure(cfg), sure, log)
	verb := "dropped"
	if !sure {
		verb = "would drop"
	}
	for _, what := range did {
		fmt.Fprintf(out, "%s %s\n", verb, what)
	}
	switch {
	case err != nil:
		return err
	case len(did) == 0:
		fmt.Fprintln(out, "there is nothing to drop")
		return nil
	case !sure:
		return errNotSure
	default:
		return nil
	}
}
