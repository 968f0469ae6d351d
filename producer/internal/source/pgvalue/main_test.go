package pgvalue

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"eventsync/compose/local/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func connect(t testing.TB) *pgconn.PgConn {
	t.Helper()
	cfg, err := pgconn.ParseConfig(postgrestest.New(t).DSN)
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
