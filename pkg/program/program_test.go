package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spf13/cobra"

	"eventsync/pkg/config"
)

func TestExitCodes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "eventsync.yaml")
	if err := os.WriteFile(file, []byte("kafka: {brokers: [\"127.0.0.1:1\"]}\ntables: [{source: public.t}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{}, exitOK},
		{[]string{"--help"}, exitOK},
		{[]string{"run", "--help"}, exitOK},
		{[]string{"run", "--config", file}, exitOK},
		{[]string{"fail", "--config", file}, exitError},
		{[]string{"run", "--config", file + ".none"}, exitError},
		{[]string{"nonsense"}, exitUsage},
		{[]string{"rum"}, exitUsage},
		{[]string{"run", "nonsense", "--config", file}, exitUsage},
		{[]string{"run", "--nonsense"}, exitUsage},
		{[]string{"take", "this", "--config", file}, exitOK},
		{[]string{"take", "that", "--config", file}, exitError},
		{[]string{"take", "--config", file}, exitUsage},
		{[]string{"take", "this", "that", "--config", file}, exitUsage},
		{[]string{"--nonsense"}, exitUsage},
		{[]string{"plan", "--config", file}, exitPending},
		{[]string{"plan", "a", "b", "--config", file}, exitPending},
	} {
		fine := func(*config.Config) error { return nil }
		root := &cobra.Command{Use: "program"}
		root.AddCommand(
			Command("run", "", fine, func(context.Context, *Env) error { return nil }),
			Command("take THING", "", fine, func(_ context.Context, e *Env) error {
				if !slices.Equal(e.Args, []string{"this"}) {
					return fmt.Errorf("it took %q", e.Args)
				}
				return nil
			}),
			Command("plan [THING...]", "", fine, func(context.Context, *Env) error { return fmt.Errorf("2 things: %w", ErrPending) }),
			Command("fail", "", fine, func(context.Context, *Env) error { return errors.New("it failed") }),
		)
		root.SetArgs(c.args)
		root.SetOut(io.Discard)
		if got := Main(root); got != c.want {
			t.Errorf("%q: exit code %d, not %d", c.args, got, c.want)
		}
	}
}
