// Package program is the frame of both binaries: the config flag, the logger, signals, and how a command ends.
//
// What it promises: SIGINT or SIGTERM ends the command's context, and the process within the drain time even where
// something hangs; a second signal ends it at once. An error is printed once, as one line on standard error, and the
// exit code is 1; a command line that makes no sense gives 2, and a plan that is shown and not carried out 3.
package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
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
	// exitPending is a plan's that was shown, and not carried out.
	exitPending = 3
)

var errUsage = errors.New("usage")

// ErrPending is what a command ends with that has found something to do, and was not told to do it.
var ErrPending = errors.New("nothing was changed")

// Main runs root and gives the process's exit code.
func Main(root *cobra.Command) int {
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(usageError)
	Group(root)
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
	case errors.Is(err, ErrPending):
		fmt.Fprintln(os.Stderr, err)
		return exitPending
	default:
		fmt.Fprintln(os.Stderr, "error:", err)
		return exitError
	}
}

// Group makes c a command of commands, which are named where none of them is given.
func Group(c *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	c.AddCommand(commands...)
	c.Args, c.SuggestionsMinimumDistance = noCommand, 2
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}

func usageError(c *cobra.Command, err error) error {
	return fmt.Errorf("%w: %w; see %s --help", errUsage, err, c.CommandPath())
}

// noCommand refuses what is no command, and names those that it may have meant.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if meant := c.SuggestionsFor(args[0]); len(meant) > 0 {
		return usageError(c, fmt.Errorf("%q is no command; did you mean %s", args[0], strings.Join(meant, " or ")))
	}
	return usageError(c, fmt.Errorf("%q is no command", args[0]))
}

// exactly refuses other than the named arguments: what is neither a flag nor a flag's value. "[NAME...]" is any number.
func exactly(names []string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(names) == 1 && strings.HasSuffix(names[0], "...]"):
			return nil
		case len(args) > len(names) && len(names) == 0:
			return usageError(c, fmt.Errorf("%s takes no arguments, and got %q", c.CommandPath(), args[0]))
		case len(args) > len(names):
			return usageError(c, fmt.Errorf("%s takes %s, and got %q besides", c.CommandPath(), strings.Join(names, " "), args[len(names)]))
		case len(args) < len(names):
			return usageError(c, fmt.Errorf("%s needs %s", c.CommandPath(), strings.Join(names[len(args):], " ")))
		default:
			return nil
		}
	}
}

// Env is what a command works with.
type Env struct {
	Config *config.Config
	Log    *zap.Logger
	Args   []string // as many as the command has
}

// Command makes a command that reads the config and logs. Its use is its name, and the names of its arguments: "snapshot
// TABLE". check says whether the config has what the command needs.
func Command(use, short string, check func(*config.Config) error, run func(context.Context, *Env) error) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: exactly(strings.Fields(use)[1:])}
	path := c.Flags().StringP("config", "c", "eventsync.yaml", "the config file")
	c.RunE = func(c *cobra.Command, args []string) error {
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
		return run(c.Context(), &Env{cfg, log, args})
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
