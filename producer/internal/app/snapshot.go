package app

import (
	"context"
	"fmt"
	"io"

	"eventsync/pkg/config"
	"eventsync/producer/internal/replication"
)

// Snapshot asks for a new snapshot of a table, which the producer that runs takes, or the next one.
func Snapshot(ctx context.Context, cfg *config.Config, table string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if err := replication.RequestSnapshot(ctx, replication.Configure(cfg), table); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "asked for a snapshot of %s: a producer that runs begins within seconds, while it goes on streaming\n", table)
	return err
}
