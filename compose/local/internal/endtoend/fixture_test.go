package endtoend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/clickhouse"
	"eventsync/compose/local/programs"
	"eventsync/compose/local/programs/programstest"
	"eventsync/compose/local/stack"
	"eventsync/compose/local/workload"
)

// gateway builds the ClickHouse gateway once, so that a stack starts quickly.
var gateway = sync.OnceValues(func() ([]string, error) { return clickhouse.Program(context.Background()) })

func TestMain(m *testing.M) { os.Exit(programstest.Run(m)) }

// closed is an address where nothing listens.
const closed = "127.0.0.1:1"

// fixture is a folder with a config and a flag, the binaries, and perhaps a stack.
type fixture struct {
	*testing.T
	dir       string
	binaries  programs.Binaries
	files     workload.Files
	stack     *stack.Stack
	addresses workload.Addresses // closed ones without a stack
}

func newFixture(t *testing.T) *fixture {
	t.Parallel()
	b := programstest.Binaries(t)
	dir := t.TempDir()
	f := &fixture{T: t, dir: dir, binaries: b, files: workload.In(dir)}
	f.addresses = workload.Addresses{Postgres: "postgres://nobody:hunter2@" + closed + "/none", Kafka: closed, ClickHouse: closed}
	f.Cleanup(func() {
		if t.Failed() {
			f.logs()
		}
	})
	f.must(f.files.SetFlag(true))
	return f
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// start starts a stack of the test's own.
func (f *fixture) start() {
	f.Helper()
	gateway, err := gateway()
	f.must(err)
	f.stack, err = stack.Start(f.Context(), stack.Config{Dir: f.dir, Gateway: gateway})
	f.must(err)
	f.addresses = workload.Addresses{Postgres: f.stack.Postgres.DSN(), Kafka: f.stack.Broker.Addr(), ClickHouse: f.stack.ClickHouse.Addr()}
	f.Cleanup(func() {
		if err := f.stack.Stop(context.WithoutCancel(f.Context())); err != nil {
			f.Error(err)
		}
	})
}

// config writes a config with these tables.
func (f *fixture) config(tables string) {
	f.Helper()
	f.must(os.WriteFile(f.files.Config, fmt.Appendf(nil, `postgres: {dsn: %q}
kafka: {brokers: [%q], partitions: 2}
clickhouse: {addresses: [%q]}
consumer: {session_timeout: 3s}
gate: {flag: event_sync_worker_for_click_house, file: flags.json}
log: {format: console}
tables:
%s`, f.addresses.Postgres, f.addresses.Kafka, f.addresses.ClickHouse, tables), 0o600))
}

// amend changes the config.
func (f *fixture) amend(what, to string) {
	f.Helper()
	b, err := os.ReadFile(f.files.Config)
	f.must(err)
	if !strings.Contains(string(b), what) {
		f.Fatalf("the config has no %q", what)
	}
	f.must(os.WriteFile(f.files.Config, []byte(strings.Replace(string(b), what, to, 1)), 0o600))
}

// command runs a program's command to its end, and gives what it printed and its exit code.
func (f *fixture) command(binary string, args ...string) (string, int) {
	f.Helper()
	out, code, err := f.execute(binary, args...)
	f.must(err)
	return out, code
}

// execute is command for any goroutine.
func (f *fixture) execute(binary string, args ...string) (string, int, error) {
	var out bytes.Buffer
	c := exec.CommandContext(f.Context(), binary, append(args, "--config", f.files.Config)...)
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil
	}
	return out.String(), c.ProcessState.ExitCode(), err
}

// eventually waits for a state that can be seen.
func (f *fixture) eventually(what string, ok func() bool) {
	f.Helper()
	deadline := time.Now().Add(time.Minute)
	for tick := time.NewTicker(50 * time.Millisecond); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			f.Fatalf("no %s", what)
		}
	}
}

func (f *fixture) postgres(sql string) {
	f.Helper()
	conn, err := pgx.Connect(f.Context(), f.stack.Postgres.DSN())
	f.must(err)
	_, err = conn.Exec(f.Context(), sql)
	f.must(errors.Join(err, conn.Close(f.Context())))
}

// query runs a statement on ClickHouse; one that gives a number as n gives it.
func (f *fixture) query(sql string) (n uint64) {
	f.Helper()
	return f.queryAt(f.stack.ClickHouse.Addr(), sql)
}

// queryAt is query of another server.
func (f *fixture) queryAt(address, sql string) (n uint64) {
	f.Helper()
	c, err := ch.Dial(f.Context(), ch.Options{Address: address})
	f.must(err)
	q := ch.Query{Body: sql}
	var column proto.ColUInt64
	if strings.HasPrefix(sql, "SELECT") {
		q.Result = proto.Results{{Name: "n", Data: &column}}
		q.OnResult = func(context.Context, proto.Block) error {
			if column.Rows() > 0 {
				n = column.Row(0)
			}
			return nil
		}
	}
	f.must(errors.Join(c.Do(f.Context(), q), c.Close()))
	return n
}
