package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/postgres"
	"eventsync/compose/local/process/processtest"
	"eventsync/compose/local/programs"
	"eventsync/compose/local/programs/programstest"
	"eventsync/compose/local/workload"
)

func TestMain(m *testing.M) {
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxiproxy's toxics have a logger that cannot be chosen
	code := programstest.Run(m)
	// A limit_data toxic that has closed its connection leaves what is before it stuck.
	const module = "github.com/Shopify/toxiproxy/v2"
	stuck := goleak.IgnoreAnyFunction(module + "/toxics.(*ToxicStub).Run")
	reading := goleak.IgnoreAnyFunction(module + ".(*ToxicLink).read")
	if err := goleak.Find(stuck, reading); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// senderTimeout is the servers' wal_sender_timeout: a producer that says nothing for so long loses the slot.
const senderTimeout = 2 * time.Second

// world is a source with GitLab's events, a broker, and the producer's binary.
type world struct {
	*testing.T
	dir      string
	binary   string
	postgres *postgres.Server
	broker   *broker.Broker
	epoch    uint8
}

// newWorld starts it all but the producer, with rows in the events table.
func newWorld(t *testing.T, rows int) *world { return newWorldWith(t, rows, senderTimeout) }

func newWorldWith(t *testing.T, rows int, senderTimeout time.Duration) *world {
	t.Helper()
	t.Parallel()
	w := &world{T: t, dir: t.TempDir(), binary: programstest.Binaries(t).Producer}
	t.Cleanup(func() {
		if t.Failed() {
			w.logs()
		}
	})
	var err error
	w.postgres, err = postgres.Start(t.Context(), postgres.Config{Dir: filepath.Join(w.dir, "postgres"), Settings: map[string]string{
		"wal_sender_timeout": strconv.FormatInt(senderTimeout.Milliseconds(), 10),
	}})
	w.must(err)
	processtest.StopAtEnd(t, w.postgres)
	w.startBroker(broker.Config{})
	w.connected(func(conn *pgx.Conn) error {
		if _, err := workload.CreateSource(t.Context(), conn, rows); err != nil {
			return err
		}
		_, err := conn.Exec(t.Context(), notes)
		return err
	})
	w.config(w.postgres.DSN(), w.broker.Addr(), "public.events")
	return w
}

// startBroker starts one, in the place of the one before.
func (w *world) startBroker(c broker.Config) {
	w.Helper()
	if w.broker != nil {
		w.must(w.broker.Stop(w.Context()))
	}
	var err error
	w.broker, err = broker.Start(w.Context(), c)
	w.must(err)
	processtest.StopAtEnd(w.T, w.broker)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// config writes the producer's.
func (w *world) config(dsn, kafka string, tables ...string) {
	w.Helper()
	text := fmt.Sprintf("postgres: {dsn: %q}\nkafka: {brokers: [%q], partitions: %d}\nproducer: {epoch: %d}\nlog: {format: console}\ntables:\n", dsn, kafka, partitions, w.epoch)
	for _, t := range tables {
		text += "  - source: " + t + "\n"
	}
	w.must(os.WriteFile(w.configFile(), []byte(text), 0o600))
}

func (w *world) configFile() string { return filepath.Join(w.dir, "eventsync.yaml") }

// connected calls f with a connection to the source.
func (w *world) connected(f func(*pgx.Conn) error) {
	w.Helper()
	conn, err := pgx.Connect(w.Context(), w.postgres.DSN())
	w.must(err)
	w.must(errors.Join(f(conn), conn.Close(w.Context())))
}

func (w *world) exec(sql string) {
	w.Helper()
	w.connected(func(conn *pgx.Conn) error {
		_, err := conn.Exec(w.Context(), sql)
		return err
	})
}

// direct connects to the broker past any proxy, whatever address it names as its own.
func (w *world) direct(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, w.broker.Addr())
}

// eventually waits for a state that can be seen.
func (w *world) eventually(what string, ok func() bool) {
	w.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for tick := time.NewTicker(20 * time.Millisecond); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			w.Fatalf("no %s", what)
		}
	}
}

// published waits until all that is committed at the source is acknowledged by the broker.
func (w *world) published() {
	w.Helper()
	w.connected(func(conn *pgx.Conn) error {
		published, err := workload.Published(w.Context(), conn)
		if err != nil {
			return err
		}
		w.eventually("acknowledgement of the last change", func() bool {
			done, err := published(w.Context())
			w.must(err)
			return done
		})
		return nil
	})
}

func (w *world) logs() {
	files, err := filepath.Glob(filepath.Join(w.dir, "*.log"))
	if err != nil {
		w.Error(err)
	}
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil {
			w.Logf("%s:\n%s", filepath.Base(name), b[max(0, len(b)-6000):])
		}
	}
}

// producer is a running one.
type producer struct {
	*programs.Program
	w    *world
	over bool // ended by the test
}

// run starts a producer, which is stopped in order at the end of the test, and must live until then.
func (w *world) run(name string) *producer {
	w.Helper()
	running, err := programs.Run(w.binary, name, w.configFile(), filepath.Join(w.dir, name+".log"))
	w.must(err)
	p := &producer{Program: running, w: w}
	w.Cleanup(p.stop)
	return p
}

func (p *producer) stop() {
	p.w.Helper()
	if p.over {
		return
	}
	p.over = true
	select {
	case <-p.Done():
		p.w.Errorf("it ended by itself: %v", p.EndedEarly())
	default:
	}
	if err := errors.Join(p.Stop(context.WithoutCancel(p.w.Context())), p.Err()); err != nil {
		p.w.Errorf("it did not end in order: %v", err)
	}
}

func (p *producer) kill() {
	p.w.Helper()
	p.over = true
	p.w.must(p.Kill())
}

// refuses waits for the producer to end by itself, and say all of the words.
func (p *producer) refuses(words ...string) {
	p.w.Helper()
	p.w.eventually("refusal", func() bool {
		select {
		case <-p.Done():
			return true
		default:
			return false
		}
	})
	p.over = true
	for _, word := range words {
		if err := p.Err(); err == nil || !strings.Contains(err.Error(), word) {
			p.w.Errorf("it says nothing of %q: %v", word, err)
		}
	}
}

// says waits until so many lines of the log hold all of the words.
func (p *producer) says(times int, words ...string) {
	p.w.Helper()
	p.w.eventually(fmt.Sprintf("%d lines with %q in %s", times, words, p.LogFile), func() bool { return len(p.lines(words...)) >= times })
}

func (p *producer) lines(words ...string) (found []string) {
	p.w.Helper()
	b, err := os.ReadFile(p.LogFile)
	p.w.must(err)
	for line := range strings.Lines(string(b)) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			found = append(found, line)
		}
	}
	return found
}

// load changes events in the background over two connections, again where one was cut.
type load struct {
	w       *world
	cancel  context.CancelFunc
	workers sync.WaitGroup
	loads   [2]workload.Load
}

// rate is of both connections together, in rows a second.
const rate = 1_000

func (w *world) load() *load {
	ctx, cancel := context.WithCancel(w.Context())
	l := &load{w: w, cancel: cancel}
	dsn := w.postgres.DSN()
	for i := range l.loads {
		l.workers.Go(func() {
			pause := time.NewTicker(50 * time.Millisecond)
			defer pause.Stop()
			for seed := uint64(i); ctx.Err() == nil; seed += 2 {
				_ = l.loads[i].Run(ctx, dsn, rate/len(l.loads), seed) // what fails is the fault of the test
				<-pause.C
			}
		})
	}
	w.Cleanup(l.stop)
	return l
}

func (l *load) stop() {
	l.cancel()
	l.workers.Wait()
}

// changes waits for some more of them.
func (l *load) changes(n int64) {
	l.w.Helper()
	sum := func() (n int64) {
		for i := range l.loads {
			n += l.loads[i].Changes()
		}
		return n
	}
	before := sum()
	l.w.eventually("load", func() bool { return sum() >= before+n })
}
