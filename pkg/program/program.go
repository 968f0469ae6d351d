// Package program is the frame of both binaries: the config flag, the logger, signals, and how a command ends.
//
// What it promises: SIGINT or SIGTERM ends the command's context, and the process within the drain time even where
// something hangs; a second signal ends it at once. An error is printed once, as one line on standard error, and the
// exit code is 1; a command line that makes no sense gives 2.
package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"eventsync/pkg/config"
	"eventsync/pkg/telemetry"
)

// Exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

var errUsage = errors.New("usage")

// Main runs root and gives the process's exit code.
func Main(root *cobra.Command) int {
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w; see %s --help", errUsage, err, c.CommandPath())
	})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		return exitUsage
	default:
		fmt.Fprintln(os.Stderr, "error:", err)
		return exitError
	}
}

// Env is what a command works with.
type Env struct {
	Config *config.Config
	Log    *zap.Logger
}

// Command makes a command that reads the config and logs. check says whether the config has what the command needs.
func Command(use, short string, check func(*config.Config) error, run func(context.Context, *Env) error) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs}
	path := c.Flags().StringP("config", "c", "eventsync.yaml", "the config file")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := config.Load(*path)
		if err != nil {
			return err
		}
		if err := check(cfg); err != nil {
			return err
		}
		log, err := telemetry.NewLogger(cfg.Log)
		if err != nil {
			return err
		}
		defer log.Sync() //nolint:errcheck // standard error cannot always be synced, and there is nobody left to tell
		return run(c.Context(), &Env{cfg, log})
	}
	return c
}

// Drain ends the process when it still lives drain after ctx has ended.
func Drain(ctx context.Context, drain time.Duration, log *zap.Logger) {
	context.AfterFunc(ctx, func() {
		log.Info("stopping", zap.Duration("within", drain))
		time.AfterFunc(drain, func() {
			log.Error("still not stopped: ending the process; the watermark stays true", zap.Duration("after", drain))
			os.Exit(exitError)
		})
	})
}
