package postgres_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/process"
	"eventsync/compose/local/process/processtest"
)

func TestServesLogicalReplication(t *testing.T) {
	var log bytes.Buffer
	s := start(t, postgres.Config{Settings: map[string]string{"application_name": `it's a \ test`}, Log: &log})
	for sql, want := range map[string]string{
		"SHOW wal_level":             "logical",
		"SHOW max_replication_slots": "20",
		"SHOW max_wal_senders":       "20",
		"SHOW fsync":                 "off",
		"SHOW timezone":              "UTC",
		"SHOW listen_addresses":      "127.0.0.1",
		"SHOW application_name":      `it's a \ test`,
		"SELECT 'ok' FROM pg_create_logical_replication_slot('slot', 'pgoutput')": "ok",
	} {
		for _, dsn := range []string{s.DSN(), s.SocketDSN()} {
			if strings.HasPrefix(sql, "SELECT") && dsn != s.DSN() {
				continue
			}
			if got := query(t, dsn, sql); got != want {
				t.Errorf("%s: %q, not %q", sql, got, want)
			}
		}
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "ready to accept connections") {
		t.Errorf("its log is %q", log.String())
	}
}

func TestDurable(t *testing.T) {
	s := start(t, postgres.Config{Durable: true})
	if got := query(t, s.DSN(), "SHOW fsync"); got != "on" {
		t.Errorf("fsync is %s", got)
	}
}

func TestPrograms(t *testing.T) {
	s := start(t, postgres.Config{})
	psql, err := s.Bin("psql")
	if err != nil {
		t.Skip(err)
	}
	var out bytes.Buffer
	err = process.Run(t.Context(), process.Config{Path: psql, Args: []string{"-Atc", "SELECT 6*7", s.DSN()}, Log: &out})
	if got := strings.TrimSpace(out.String()); err != nil || got != "42" {
		t.Errorf("psql wrote %q (%v)", got, err)
	}
	_, err = s.Bin("no-such-program")
	wantError(t, err, "no-such-program", "install")
}

func TestSettingThatIsRefusedIsSaid(t *testing.T) {
	_, err := postgres.Start(t.Context(), postgres.Config{
		Dir:      t.TempDir(),
		Settings: map[string]string{"no_such_setting": "1"},
	})
	wantError(t, err, "no_such_setting")
}

func TestTakenPortIsSaid(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it only has to be there until then
	port := l.Addr().(*net.TCPAddr).Port
	_, err = postgres.Start(t.Context(), postgres.Config{Dir: t.TempDir(), Port: port})
	wantError(t, err, strconv.Itoa(port), "choose another")
}

func TestDirOfARunningServerIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := start(t, postgres.Config{Dir: dir})
	_, err := postgres.Start(t.Context(), postgres.Config{Dir: dir})
	wantError(t, err, dir, strconv.Itoa(s.Port()), "use another directory")
}

func TestDataOfAnotherVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := start(t, postgres.Config{Dir: dir})
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	postgresBin, err := s.Bin("postgres")
	if err != nil {
		t.Fatal(err)
	}
	_, err = postgres.Start(t.Context(), postgres.Config{Dir: dir, BinDir: filepath.Dir(postgresBin)})
	wantError(t, err, "version 9")
}

func TestLongDirHasItsSocketElsewhere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 30))
	s := start(t, postgres.Config{Dir: dir})
	before := s.SocketDSN()
	if got := query(t, before, "SELECT 'ok'"); got != "ok" {
		t.Error(got)
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := s.SocketDSN(); after != before {
		t.Errorf("the socket moved from %s to %s", before, after)
	}
	if got := query(t, before, "SELECT 'ok'"); got != "ok" {
		t.Error(got)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob("/tmp/eventsync-pg-*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func TestStartIsOverWithItsContext(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		s, err := postgres.Start(ctx, postgres.Config{Dir: dir})
		if err == nil {
			err = s.Stop(context.Background())
		}
		failed <- err
	}()
	processtest.Eventually(t, "initdb works", func() bool {
		_, err := os.Stat(filepath.Join(dir, "data.partial", "base"))
		return err == nil
	})
	cancel()
	wantError(t, <-failed, "initdb", context.Canceled.Error())

	// What initdb left half done does not matter to the next start.
	s := start(t, postgres.Config{Dir: dir})
	if got := query(t, s.DSN(), "SELECT 'ok'"); got != "ok" {
		t.Error(got)
	}
}
