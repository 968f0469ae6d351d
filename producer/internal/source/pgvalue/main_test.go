package pgvalue

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"eventsync/compose/local/postgres"
)

var server *postgres.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "eventsync-pgvalue-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if server, err = postgres.Start(context.Background(), postgres.Config{Dir: dir}); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := server.Stop(context.Background()); err != nil {
		panic(err)
	}
	if err := goleak.Find(); err != nil && code == 0 {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return code
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
