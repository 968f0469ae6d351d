package clickhouse_test

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ClickHouse/ch-go"

	"eventsync/compose/local/clickhouse"
	"eventsync/compose/local/process/filelock"
	"eventsync/compose/local/process/processtest"
)

// start starts a server of the test's own.
func start(t *testing.T, config clickhouse.Config) *clickhouse.Server {
	t.Helper()
	gatewayOnly(t)
	config.Log = t.Output()
	server, err := clickhouse.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	processtest.StopAtEnd(t, server)
	return server
}

func TestRestartKeepsTables(t *testing.T) {
	t.Parallel()
	gatewayOnly(t)
	dir := t.TempDir()
	server := start(t, clickhouse.Config{Dir: dir})
	exec(t, dialTo(t, server.Addr()), "CREATE DATABASE shop ENGINE = Atomic")
	exec(t, dialTo(t, server.Addr()), "CREATE TABLE shop.kept (a UInt8) ENGINE = MergeTree ORDER BY a")
	exec(t, dialTo(t, server.Addr()), "INSERT INTO shop.kept VALUES (1), (2)")
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	server = start(t, clickhouse.Config{Dir: dir})
	expect(t, dialTo(t, server.Addr()), "SELECT sum(a) FROM shop.kept", "3")
}

func TestStop(t *testing.T) {
	t.Parallel()
	server := start(t, clickhouse.Config{Dir: t.TempDir()})
	c := dialTo(t, server.Addr()) // an idle client does not hold it up
	ended := make(chan error, 1)
	busy := dialTo(t, server.Addr())
	go func() { ended <- busy.Do(t.Context(), ch.Query{Body: endless("stop")}) }()
	processtest.Eventually(t, "the query runs", func() bool { return running(t, c, "stop") == "1" })
	if err := server.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("an endless query has ended well")
	}
	if err := server.Wait(); err != nil {
		t.Errorf("it did not stop in order: %v", err)
	}
	if err := syscall.Kill(server.Pid(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", server.Pid(), err)
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
}

func TestTwoServersInOneDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, clickhouse.Config{Dir: dir})
	_, err := clickhouse.Start(t.Context(), clickhouse.Config{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "another gateway's") {
		t.Errorf("got %v", err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	gatewayOnly(t)
	used := start(t, clickhouse.Config{Dir: t.TempDir()})
	for want, config := range map[string]clickhouse.Config{
		"loopback":           {Dir: t.TempDir(), Addr: "0.0.0.0:0"},
		"address already in": {Dir: t.TempDir(), Addr: used.Addr()},
		"Config.Dir":         {},
		"No such file":       {Dir: t.TempDir(), Library: filepath.Join(t.TempDir(), "none.so"), Program: nil},
		"before it was":      {Dir: t.TempDir(), Program: []string{"true"}},
	} {
		if _, err := clickhouse.Start(t.Context(), config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// TestChildDiesWithItsParent kills the parent in a way that it cannot notice.
func TestChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	gatewayOnly(t)
	program, err := clickhouse.Program(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	parent := processtest.Start(t, nil, "server", append([]string{dir}, program...)...)
	parent.Line()
	path := filepath.Join(dir, "gateway.lock")
	if _, err := filelock.Try(path); !errors.Is(err, filelock.ErrHeld) {
		t.Errorf("the child has no lock: %v", err)
	}
	parent.Kill()
	processtest.Eventually(t, "the child is gone", func() bool {
		lock, err := filelock.Try(path)
		if err == nil {
			err = lock.Release()
		}
		return err == nil
	})
}
