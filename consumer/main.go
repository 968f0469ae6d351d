// Consumer turns changes from Kafka into rows in ClickHouse, as far as the flag lets them through.
package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"eventsync/consumer/internal/app"
	"eventsync/pkg/config"
	"eventsync/pkg/program"
)

func main() {
	root := &cobra.Command{Use: "consumer", Short: "Turn changes from Kafka into rows in ClickHouse, as far as the flag lets them through"}
	root.AddCommand(run(), check(), status())
	os.Exit(program.Main(root))
}

func run() *cobra.Command {
	return program.Command("run", "Sync until stopped", (*config.Config).CheckConsumer, func(ctx context.Context, e *program.Env) error {
		program.Drain(ctx, e.Config.Consumer.DrainTimeout, e.Log)
		return app.Run(ctx, e.Config, e.Log)
	})
}

func check() *cobra.Command {
	var offline bool
	c := program.Command("check", "Say what would keep run from syncing", (*config.Config).CheckConsumer, func(ctx context.Context, e *program.Env) error {
		if offline {
			return app.CheckOffline(e.Config, os.Stdout)
		}
		return app.Check(ctx, e.Config, e.Log, os.Stdout)
	})
	c.Flags().BoolVar(&offline, "offline", false, "look at the config alone, and connect to nothing")
	return c
}

func status() *cobra.Command {
	var asJSON bool
	var every time.Duration
	c := program.Command("status", "Show each partition's watermark and sync lag", (*config.Config).CheckConsumer, func(ctx context.Context, e *program.Env) error {
		return app.Status(ctx, e.Config, e.Log, app.StatusOptions{JSON: asJSON, Every: every, Out: os.Stdout})
	})
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a report")
	c.Flags().DurationVar(&every, "every", 0, "report again and again, with this pause")
	return c
}
