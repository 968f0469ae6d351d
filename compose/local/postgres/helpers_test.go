package postgres_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/process/processtest"
)

func TestMain(m *testing.M) {
	processtest.Main(m, map[string]func([]string) error{
		"server":  helpServer,
		"query":   helpQuery,
		"refused": helpRefused,
	})
}

// helpServer runs a server on the directory, says its address, and waits to be killed.
func helpServer(args []string) error {
	s, err := postgres.Start(context.Background(), postgres.Config{Dir: args[0]})
	if err != nil {
		return err
	}
	processtest.Say(s.DSN())
	processtest.UntilKilled()
	return nil
}

// helpQuery starts a server on the directory, uses it both ways, and stops it.
func helpQuery(args []string) error {
	ctx := context.Background()
	s, err := postgres.Start(ctx, postgres.Config{Dir: args[0]})
	if err != nil {
		return err
	}
	for _, dsn := range []string{s.DSN(), s.SocketDSN()} {
		c, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return err
		}
		var one string
		if err := c.QueryRow(ctx, "SELECT 'it answers'").Scan(&one); err != nil {
			return err
		}
		processtest.Say(one)
		if err := c.Close(ctx); err != nil {
			return err
		}
	}
	if err := s.Stop(ctx); err != nil {
		return err
	}
	processtest.Say("stopped")
	return nil
}

// helpRefused says why no server starts on the directory.
func helpRefused(args []string) error {
	s, err := postgres.Start(context.Background(), postgres.Config{Dir: args[0]})
	if err == nil {
		err = errors.Join(errors.New("it started"), s.Stop(context.Background()))
	}
	processtest.Say(err.Error())
	return nil
}

// nobody is a user with no rights, by its id on Linux.
var nobody = &syscall.Credential{Uid: 65534, Gid: 65534}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can do this as another user")
	}
}

// start starts a server that is stopped at the end of the test, and must leave no goroutine.
func start(t *testing.T, cfg postgres.Config) *postgres.Server {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	s, err := postgres.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	processtest.StopAtEnd(t, s)
	return s
}

// query returns the one value that the statement gives.
func query(t *testing.T, dsn, sql string) string {
	t.Helper()
	c := connect(t, dsn)
	defer c.Close(context.Background()) //nolint:errcheck // the value is all that is wanted
	var value string
	if err := c.QueryRow(t.Context(), sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func exec(t *testing.T, dsn, sql string) {
	t.Helper()
	c := connect(t, dsn)
	defer c.Close(context.Background()) //nolint:errcheck // it has been done
	if _, err := c.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; it should say %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q: %v", w, err)
		}
	}
}
