package postgres_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/process/processtest"
)

func TestDataSurvivesEveryEnd(t *testing.T) {
	dir := t.TempDir()
	s := start(t, postgres.Config{Dir: dir})
	dsn := s.DSN()
	exec(t, dsn, "CREATE TABLE ends (how text)")
	for _, end := range []struct {
		how  string
		stop func() error
	}{
		{"restart", func() error { return nil }},
		{"stop", func() error { return s.Stop(t.Context()) }},
		{"kill", func() error { return s.Kill(t.Context()) }},
		{"crash", s.Crash},
	} {
		exec(t, dsn, "INSERT INTO ends VALUES ('"+end.how+"')")
		if err := end.stop(); err != nil {
			t.Fatalf("%s: %v", end.how, err)
		}
		if err := s.Restart(t.Context()); err != nil {
			t.Fatalf("%s: %v", end.how, err)
		}
		if got := query(t, dsn, "SELECT how FROM ends WHERE how = '"+end.how+"'"); got != end.how {
			t.Errorf("after %s: %q", end.how, got)
		}
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := start(t, postgres.Config{Dir: dir})
	if got := query(t, again.DSN(), "SELECT count(*)::text FROM ends"); got != "4" {
		t.Errorf("a new server on the directory has %s rows of 4", got)
	}
}

func TestCrashEndsEveryProcess(t *testing.T) {
	s := start(t, postgres.Config{})
	c := connect(t, s.DSN())
	if err := s.Crash(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Done():
	default:
		t.Error("it has returned before the server had ended")
	}
	if s.Err() == nil {
		t.Error("there is no reason for its end")
	}
	if err := c.Ping(t.Context()); err == nil {
		t.Error("a connection still works")
	}
}

func TestPidFileOfAnotherProcessIsNoServer(t *testing.T) {
	dir := t.TempDir()
	s := start(t, postgres.Config{Dir: dir})
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Ours is the pid of a process that runs, and is no server.
	stale := strconv.Itoa(os.Getpid()) + "\n" + filepath.Join(dir, "data") + "\n1700000000\n5432\n/tmp\n127.0.0.1\n  1 1\nready   \n"
	for _, content := range []string{stale, "", "99999999\n"} {
		if err := os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Restart(t.Context()); err != nil {
			t.Fatalf("with the pid file %q: %v", content, err)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestServerDiesWithKilledParent(t *testing.T) {
	diesWithKilledParent(t, nil, t.TempDir())
}

// diesWithKilledParent has another process, of another user perhaps, start a server on the directory, and kills that.
func diesWithKilledParent(t *testing.T, as *syscall.Credential, dir string) {
	t.Helper()
	parent := processtest.Start(t, as, "server", dir)
	exec(t, parent.Line(), "CREATE TABLE kept AS SELECT 'kept' AS how")
	parent.Kill()

	// That the next start succeeds means that the server is gone: two cannot run on one directory.
	s := start(t, postgres.Config{Dir: dir})
	if got := query(t, s.DSN(), "SELECT how FROM kept"); got != "kept" {
		t.Errorf("it is %q", got)
	}
}
