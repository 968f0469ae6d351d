// Consumer turns changes from Kafka into rows in ClickHouse, as far as the flag lets them through.
package main

import (
	"context"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"eventsync/consumer/internal/app"
	"eventsync/pkg/config"
	"eventsync/pkg/program"
)

func main() {
	root := &cobra.Command{Use: "consumer", Short: "Turn changes from Kafka into rows in ClickHouse, as far as the flag lets them through"}
	root.AddCommand(run(), check(), status(), migrate(), deadletter(), watermark())
	os.Exit(program.Main(root))
}

// gcPercent is how much garbage there may be beside what is in use, which is hundreds of megabytes of columns without a
// pointer in them that stay: to collect costs next to nothing, and not to doubles the memory.
const gcPercent = 25

func run() *cobra.Command {
	return program.Command("run", "Sync until stopped", (*config.Config).CheckConsumer, func(ctx context.Context, e *program.Env) error {
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(gcPercent)
		}
		program.Drain(ctx, e.Config.Consumer.DrainTimeout, e.Log)
		return app.Run(ctx, e.Config, e.Log)
	})
}

func check() *cobra.Command {
	var offline, asJSON bool
	c := program.Command("check", "Say what would keep run from syncing", (*config.Config).CheckConsumer, func(ctx context.Context, e *program.Env) error {
		if offline {
			return app.CheckOffline(e.Config, os.Stdout, asJSON)
		}
		return app.Check(ctx, e.Config, e.Log, os.Stdout, asJSON)
	})
	c.Flags().BoolVar(&offline, "offline", false, "look at the config alone, and connect to nothing")
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as one JSON array")
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

func migrate() *cobra.Command {
	o := app.MigrateOptions{Out: os.Stdout}
	c := program.Command("migrate [TABLE...]", "Show what would make the targets what they must be, and do it with --apply", (*config.Config).CheckConsumer, func(ctx context.Context, e *program.Env) error {
		o.Tables = e.Args
		return app.Migrate(ctx, e.Config, e.Log, o)
	})
	c.Flags().BoolVar(&o.Apply, "apply", false, "run the statements, rather than only show them")
	c.Flags().BoolVar(&o.JSON, "json", false, "print the plans as one JSON array")
	return c
}
