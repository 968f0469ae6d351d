package clickhouse_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"eventsync/compose/local/clickhouse"
)

// script is a gateway that is a shell script.
func script(t *testing.T, text string) clickhouse.Config {
	t.Helper()
	return clickhouse.Config{Dir: t.TempDir(), Library: "none", Program: []string{"sh", "-c", text}}
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := clickhouse.Start(ctx, script(t, "exec sleep 1000"))
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not ready in time") {
		t.Errorf("got %v", err)
	}
}

func TestStartPassesOnWhatTheChildReports(t *testing.T) {
	_, err := clickhouse.Start(t.Context(), script(t, `echo '{"error":"no luck: try again"}'; exit 1`))
	if err == nil || !strings.HasSuffix(err.Error(), "no luck: try again") {
		t.Errorf("got %v", err)
	}
}

func TestStopKillsWhatDoesNotStop(t *testing.T) {
	server, err := clickhouse.Start(t.Context(), script(t, `trap "" TERM; echo '{"addr":"there:1"}'; exec sleep 1000`))
	if err != nil {
		t.Fatal(err)
	}
	if server.Addr() != "there:1" {
		t.Errorf("it is at %s", server.Addr())
	}
	now, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Stop(now); !errors.Is(err, clickhouse.ErrKilled) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := server.Wait(); err == nil {
		t.Error("a killed child has no error")
	}
	if err := server.Kill(); err != nil {
		t.Errorf("Kill after the end: %v", err)
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Errorf("Stop after the end: %v", err)
	}
}
