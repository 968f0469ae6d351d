package pgvalue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"eventsync/compose/local/postgres"
)

var server *postgres.Server

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run gives the tests one server.
func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "eventsync-pgvalue-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err = postgres.Start(context.Background(), postgres.Config{Dir: dir})
	if err != nil {
		return 1, err
	}
	code = m.Run()
	if err := server.Stop(context.Background()); err != nil {
		return 1, err
	}
	return code, goleak.Find()
}

func connect(t testing.TB) *pgconn.PgConn {
	t.Helper()
	cfg, err := pgconn.ParseConfig(server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"client_encoding": "UTF8", "DateStyle": "ISO", "IntervalStyle": "postgres", "TimeZone": "UTC", "bytea_output": "hex", "extra_float_digits": "3",
	} {
		cfg.RuntimeParams[name] = value
	}
	c, err := pgconn.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}
