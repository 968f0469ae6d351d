package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"eventsync/consumer/internal/app"
	"eventsync/pkg/config"
	"eventsync/pkg/program"
)

func watermark() *cobra.Command {
	c := &cobra.Command{Use: "watermark", Short: "Show and mend the offsets that say how far partitions are synced"}
	return program.Group(c, showWatermarks(), restoreWatermarks(), setWatermark(), takeOver())
}

// mends makes a command of the group's; those that change something have --yes.
func mends(use, short string, o *app.Watermarks, do func(context.Context, *config.Config, *zap.Logger) error) *cobra.Command {
	return program.Command(use, short, (*config.Config).CheckConsumer, func(ctx context.Context, e *program.Env) error {
		o.Tables = e.Args
		return do(ctx, e.Config, e.Log)
	})
}

func yes(c *cobra.Command, o *app.Watermarks) *cobra.Command {
	c.Flags().BoolVar(&o.Yes, "yes", false, "do it, rather than say what would be done; the group's consumers must be stopped")
	return c
}

func showWatermarks() *cobra.Command {
	o := &app.Watermarks{Out: os.Stdout}
	c := mends("show [TABLE...]", "Show the watermarks, and what mends those that are not right", o, o.Show)
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON array")
	return c
}

func restoreWatermarks() *cobra.Command {
	o := &app.Watermarks{Out: os.Stdout}
	return yes(mends("restore [TABLE...]", "Mend the watermarks that are not right, by what sync_cursors and the topics say", o, o.Restore), o)
}

func setWatermark() *cobra.Command {
	o := &app.Watermarks{Out: os.Stdout}
	c := mends("set TABLE", "Make an offset the watermark of a partition", o, o.Set)
	c.Flags().IntVar(&o.Partition, "partition", 0, "the partition")
	c.Flags().StringVar(&o.To, "to", "", "earliest, latest, or an offset")
	c.Flags().BoolVar(&o.Skip, "skip-message", false, "pass the message at the watermark, which becomes a dead letter")
	return yes(c, o)
}

func takeOver() *cobra.Command {
	o := &app.Watermarks{Out: os.Stdout}
	return yes(mends("take-over [TABLE...]", "Make this group the owner of targets that another group has synced", o, o.TakeOver), o)
}
