package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"eventsync/consumer/internal/app"
	"eventsync/pkg/config"
	"eventsync/pkg/program"
)

func deadletter() *cobra.Command {
	c := &cobra.Command{Use: "deadletter", Short: "See to the messages that became no row"}
	return program.Group(c, listLetters(), showLetter(), replayLetters())
}

func listLetters() *cobra.Command {
	o := app.DeadLetters{Out: os.Stdout}
	c := program.Command("list", "List the dead letters", (*config.Config).CheckConsumer, func(ctx context.Context, e *program.Env) error {
		return o.List(ctx, e.Config)
	})
	whichLetters(c, &o)
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object a letter")
	return c
}

func showLetter() *cobra.Command {
	return program.Command("show LETTER", "Show what a dead letter holds: LETTER is its OFFSET, or PARTITION:OFFSET", (*config.Config).CheckConsumer,
		func(ctx context.Context, e *program.Env) error {
			o := app.DeadLetters{Out: os.Stdout}
			return o.Show(ctx, e.Config, e.Args[0])
		})
}

func replayLetters() *cobra.Command {
	o := app.DeadLetters{Out: os.Stdout}
	c := program.Command("replay [LETTER...]", "Publish dead letters again, where they came from", (*config.Config).CheckConsumer,
		func(ctx context.Context, e *program.Env) error { return o.Replay(ctx, e.Config, e.Args) })
	whichLetters(c, &o)
	c.Flags().BoolVar(&o.All, "all", false, "all letters that were not replayed before, or those that the other flags say")
	c.Flags().BoolVar(&o.Yes, "yes", false, "do it, rather than say how many letters --all are")
	return c
}

func whichLetters(c *cobra.Command, o *app.DeadLetters) {
	c.Flags().StringVar(&o.Topic, "topic", "", "only messages of this topic")
	c.Flags().StringVar(&o.Table, "table", "", "only changes of this source table, as the config names it")
	c.Flags().StringVar(&o.Reason, "reason", "", "only those buried for this reason")
	c.Flags().DurationVar(&o.Since, "since", 0, "only those buried since so long ago (24h)")
}
