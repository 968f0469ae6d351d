// Producer publishes the changes of PostgreSQL tables to Kafka.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"eventsync/pkg/config"
	"eventsync/pkg/program"
	"eventsync/producer/internal/app"
)

func main() {
	root := &cobra.Command{Use: "producer", Short: "Publish the changes of PostgreSQL tables to Kafka"}
	root.AddCommand(run(), check(), status(), snapshot(), drop())
	os.Exit(program.Main(root))
}

func run() *cobra.Command {
	return program.Command("run", "Publish until stopped", (*config.Config).CheckProducer, func(ctx context.Context, e *program.Env) error {
		program.Drain(ctx, app.DrainTimeout, e.Log)
		return app.Run(ctx, e.Config, e.Log)
	})
}

func check() *cobra.Command {
	var offline, asJSON bool
	c := program.Command("check", "Say what would keep run from publishing", (*config.Config).CheckProducer, func(ctx context.Context, e *program.Env) error {
		if offline {
			return app.CheckOffline(e.Config, os.Stdout, asJSON)
		}
		return app.Check(ctx, e.Config, e.Log, os.Stdout, asJSON)
	})
	c.Flags().BoolVar(&offline, "offline", false, "look at the config alone, and connect to nothing")
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as one JSON array")
	return c
}

func snapshot() *cobra.Command {
	return program.Command("snapshot TABLE", "Have a table's rows published again", (*config.Config).CheckProducer, func(ctx context.Context, e *program.Env) error {
		return app.Snapshot(ctx, e.Config, e.Args[0], os.Stdout)
	})
}

func status() *cobra.Command {
	var asJSON bool
	c := program.Command("status", "Show the slot, its lag, and how far snapshots are", (*config.Config).CheckProducer, func(ctx context.Context, e *program.Env) error {
		return app.Status(ctx, e.Config, e.Log, os.Stdout, asJSON)
	})
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func drop() *cobra.Command {
	var sure bool
	c := program.Command("drop", "Take away what the producer has left in PostgreSQL", (*config.Config).CheckProducer, func(ctx context.Context, e *program.Env) error {
		return app.Drop(ctx, e.Config, e.Log, os.Stdout, sure)
	})
	c.Flags().BoolVar(&sure, "yes", false, "do it, rather than say what would be done")
	return c
}
