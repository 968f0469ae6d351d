package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap/zaptest"

	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/compose/local/process"
	"eventsync/pkg/config"
	"eventsync/pkg/telemetry/telemetrytest"
)

// quick is a patience that a test has.
const quick = 300 * time.Millisecond

// running is a producer.
type running struct {
	telemetrytest.Program
	stop func()
}

// configure is a config for the database's tables.
func configure(t *testing.T, dsn string, b *brokertest.Broker, tables ...config.Table) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Postgres.DSN = config.Secret(dsn)
	cfg.Kafka.Brokers = []string{b.Addr}
	cfg.Kafka.TopicPrefix = brokertest.Name(t)
	cfg.Tables = tables
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Producer.Slot = "slot_" + c.Database
	return cfg
}

// start runs a producer until the test ends or stop is called.
func start(t *testing.T, cfg config.Config) *running {
	t.Helper()
	port, err := process.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Producer.Listen = fmt.Sprintf("127.0.0.1:%d", port)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx, &cfg, quick, zaptest.NewLogger(t)); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	r := &running{telemetrytest.Program{T: t, Address: "http://" + cfg.Producer.Listen, Deadline: pollDeadline}, func() { cancel(); <-done }}
	t.Cleanup(r.stop)
	return r
}

// pollDeadline is how long a test waits for what must come.
const pollDeadline = 90 * time.Second

func session(t *testing.T, dsn string) func(sql string) {
	t.Helper()
	conn := postgrestest.Connect(t, dsn)
	return func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}
