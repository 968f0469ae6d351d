package endtoend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/programs"
	"eventsync/compose/local/stack"
	"eventsync/compose/local/workload"
)

// build builds the binaries once for all tests.
var build = sync.OnceValues(func() (programs.Binaries, error) {
	dir, err := os.MkdirTemp("", "eventsync-endtoend-")
	if err != nil {
		return programs.Binaries{}, err
	}
	return programs.Build(context.Background(), dir)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if b, err := build(); err == nil {
		_ = os.RemoveAll(filepath.Dir(b.Producer))
	}
	os.Exit(code)
}

// fixture is a folder with a config and a flag, the binaries, and perhaps a stack.
type fixture struct {
	*testing.T
	dir      string
	binaries programs.Binaries
	files    workload.Files
	stack    *stack.Stack
}

func newFixture(t *testing.T) *fixture {
	t.Parallel()
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f := &fixture{T: t, dir: dir, binaries: b, files: workload.In(dir)}
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
	s, err := stack.Start(f.Context(), stack.Config{Dir: f.dir})
	f.must(err)
	f.stack = s
	f.Cleanup(func() {
		if err := s.Stop(context.WithoutCancel(f.Context())); err != nil {
			f.Error(err)
		}
	})
}

// config writes a config of the stack, or of closed ports, with these tables.
func (f *fixture) config(tables string) {
	f.Helper()
	const closed = "127.0.0.1:1"
	pg, kafka, click := "postgres://nobody:hunter2@"+closed+"/none", closed, closed
	if f.stack != nil {
		pg, kafka, click = f.stack.Postgres.DSN(), f.stack.Broker.Addr(), f.stack.ClickHouse.Addr()
	}
	f.must(os.WriteFile(f.files.Config, fmt.Appendf(nil, `postgres: {dsn: %q}
kafka: {brokers: [%q], partitions: 2}
clickhouse: {addresses: [%q]}
consumer: {session_timeout: 3s}
gate: {flag: event_sync_worker_for_click_house, file: flags.json}
log: {format: console}
tables:
%s`, pg, kafka, click, tables), 0o600))
}

// command runs a program's command to its end, and gives what it printed and its exit code.
func (f *fixture) command(binary string, args ...string) (string, int) {
	f.Helper()
	var out bytes.Buffer
	c := exec.CommandContext(f.Context(), binary, append(args, "--config", f.files.Config)...)
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		f.Fatal(err)
	}
	return out.String(), c.ProcessState.ExitCode()
}

// run starts a program, which is stopped in order at the end of the test.
func (f *fixture) run(name, binary string) *programs.Program {
	f.Helper()
	p, err := programs.Run(binary, name, f.files.Config, filepath.Join(f.dir, name+".log"))
	f.must(err)
	f.Cleanup(func() {
		if err := p.Stop(context.WithoutCancel(f.Context())); err != nil {
			f.Errorf("stop %s: %v", name, err)
		}
	})
	return p
}

// says waits until the program's log holds all of these in one line.
func (f *fixture) says(p *programs.Program, words ...string) {
	f.Helper()
	f.eventually(fmt.Sprintf("a line with %q in %s", words, p.LogFile), func() bool {
		b, err := os.ReadFile(p.LogFile)
		f.must(err)
		for line := range strings.Lines(string(b)) {
			all := true
			for _, w := range words {
				all = all && strings.Contains(line, w)
			}
			if all {
				return true
			}
		}
		return false
	})
}

// eventually waits for a state that can be seen.
func (f *fixture) eventually(what string, ok func() bool) {
	f.Helper()
	deadline := time.Now().Add(time.Minute)
	for tick := time.NewTicker(50 * time.Millisecond); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			f.logs()
			f.Fatalf("no %s", what)
		}
	}
}

func (f *fixture) logs() {
	files, err := filepath.Glob(filepath.Join(f.dir, "*.log"))
	f.must(err)
	for _, name := range files {
		b, err := os.ReadFile(name)
		f.must(err)
		f.Logf("%s:\n%s", filepath.Base(name), b[max(0, len(b)-3000):])
	}
}

func (f *fixture) postgres(sql string) {
	f.Helper()
	conn, err := pgx.Connect(f.Context(), f.stack.Postgres.DSN())
	f.must(err)
	_, err = conn.Exec(f.Context(), sql)
	f.must(errors.Join(err, conn.Close(f.Context())))
}

// clickhouse runs a statement; one that gives a number as n gives it.
func (f *fixture) clickhouse(sql string) (n uint64) {
	f.Helper()
	c, err := ch.Dial(f.Context(), ch.Options{Address: f.stack.ClickHouse.Addr()})
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
