package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap/zaptest"

	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/compose/local/process"
	"eventsync/pkg/config"
)

// quick is a patience that a test has.
const quick = 300 * time.Millisecond

// running is a producer.
type running struct {
	t       *testing.T
	address string
	stop    func()
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
	r := &running{t: t, address: "http://" + cfg.Producer.Listen, stop: func() { cancel(); <-done }}
	t.Cleanup(r.stop)
	return r
}

// get asks; the status is 0 while nobody answers.
func (r *running) get(path string) (int, string) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(r.address + path)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// metric gives the value of a series, and whether there is one.
func (r *running) metric(series string) (float64, bool) {
	_, body := r.get("/metrics")
	match := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + ` (\S+)$`).FindStringSubmatch(body)
	if match == nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		r.t.Fatal(err)
	}
	return v, true
}

// waitReady waits until /readyz has the status and says what it should.
func (r *running) waitReady(status int, says string) {
	r.t.Helper()
	pattern := regexp.MustCompile(says)
	var last string
	eventually(r.t, func() bool {
		got, body := r.get("/readyz")
		last = fmt.Sprint(got, " ", body)
		return got == status && pattern.MatchString(body)
	}, func() string { return fmt.Sprintf("/readyz is %q, want %d with %s", last, status, says) })
}

func (r *running) waitMetric(series string, ok func(float64) bool) {
	r.t.Helper()
	var last float64
	var found bool
	eventually(r.t, func() bool {
		last, found = r.metric(series)
		return found && ok(last)
	}, func() string { return fmt.Sprintf("%s is %v (found: %v)", series, last, found) })
}

func is(want float64) func(float64) bool { return func(v float64) bool { return v == want } }

func positive(v float64) bool { return v > 0 }

// eventually polls until ok, or fails and says what is.
func eventually(t *testing.T, ok func() bool, what func() string) {
	t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 90 s: %s", what())
		}
		<-time.After(5 * time.Millisecond)
	}
}

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
