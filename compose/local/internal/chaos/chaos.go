package chaos

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/internal/scene"
	"eventsync/compose/local/programs"
	"eventsync/compose/local/stack"
	"eventsync/compose/local/workload"
)

// Options say how long, and how much. All but Dir, For and Out have a use for zero.
type Options struct {
	// Dir keeps everything, and must be empty.
	Dir string
	// For is how long things are killed.
	For time.Duration
	// Rate is how many rows change in a second, in both tables together.
	Rate int
	// Seed decides what is killed when.
	Seed uint64
	// ApacheKafka runs Apache Kafka as the broker.
	ApacheKafka bool
	// Gateway is the command that runs the ClickHouse gateway; built from this module's source when nil.
	Gateway []string
	Out     io.Writer
}

// chaos is one run.
type chaos struct {
	scene.Teller
	options  Options
	binaries programs.Binaries
	stack    *stack.Stack
	click    clickhouseServer
	producer *member
	members  []*member
	load     load
	kills    kills
}

// kills are those so far.
type kills struct{ consumers, frozen, producers, clickhouse atomic.Int64 }

// Run runs, and gives an error unless everything promised was so.
func Run(ctx context.Context, o Options) (err error) {
	c := &chaos{Teller: scene.Teller{Out: o.Out}, options: o}
	defer func() { err = errors.Join(err, c.close(ctx)) }()
	for _, part := range []func(context.Context) error{c.open, c.kill, c.settle, c.judge} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open brings everything up, with empty tables: what comes later is streamed.
func (c *chaos) open(ctx context.Context) (err error) {
	if c.binaries, err = programs.Build(ctx, c.path("bin")); err != nil {
		return err
	}
	log, err := os.OpenFile(c.path("servers.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // G302: a log for everybody
	if err != nil {
		return err
	}
	c.stack, err = stack.Start(ctx, stack.Config{Dir: c.options.Dir, ApacheKafka: c.options.ApacheKafka, Gateway: c.options.Gateway, Log: log})
	if err != nil {
		return err
	}
	c.click = clickhouseServer{server: c.stack.ClickHouse, address: c.stack.ClickHouse.Addr(), dir: filepath.Join(c.options.Dir, "clickhouse"), gateway: c.options.Gateway, log: log}
	if err := errors.Join(c.createSource(ctx), c.createTargets(ctx), c.configure()); err != nil {
		return err
	}
	c.producer = c.member("producer", c.binaries.Producer)
	for _, name := range []string{"consumer-1", "consumer-2", "consumer-3", "consumer-4"} {
		c.members = append(c.members, c.member(name, c.binaries.Consumer))
	}
	if err := errors.Join(c.producer.start(), c.members[0].start(), c.members[1].start()); err != nil {
		return err
	}
	return c.begin(ctx)
}

// begin makes the first changes, when the producer streams, and waits for them.
func (c *chaos) begin(ctx context.Context) error {
	if err := c.until(ctx, "the producer's stream", c.streams); err != nil {
		return err
	}
	err := c.postgres(ctx, func(conn *pgx.Conn) error { return c.load.transaction(ctx, conn, c.random(0)) })
	if err != nil {
		return err
	}
	return c.until(ctx, "the first rows", func(ctx context.Context) (bool, error) {
		n, err := c.targets(ctx)
		return n["items"]+n["facts"] == c.load.changes(), err
	})
}

func (c *chaos) path(name string) string    { return filepath.Join(c.options.Dir, name) }
func (c *chaos) files() workload.Files      { return workload.In(c.options.Dir) }
func (c *chaos) random(n uint64) *rand.Rand { return rand.New(rand.NewPCG(c.options.Seed, n)) } //nolint:gosec // G404: it is to be repeatable
func (c *chaos) member(name, bin string) *member {
	return &member{name: name, binary: bin, config: c.files().Config, log: c.path(name + ".log")}
}

// kill lets everything die again and again until the time is over. What fails ends all of it.
func (c *chaos) kill(ctx context.Context) error {
	c.Say("killing for %v, seed %d", c.options.For, c.options.Seed)
	over, cancel := context.WithTimeout(ctx, c.options.For)
	defer cancel()
	var all sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for _, part := range []func(context.Context) error{c.change, c.killConsumers, c.killProducer, c.killClickHouse, c.tell} {
		all.Go(func() {
			if err := part(over); err != nil {
				cancel()
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	all.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// sleep waits, and reports whether it could to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// between is a random time.
func between(rng *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(rng.Int64N(int64(most-least)))
}

// tell prints a line now and then.
func (c *chaos) tell(ctx context.Context) error {
	began := time.Now()
	for sleep(ctx, min(10*time.Second, c.options.For/6)) {
		n, err := c.targets(ctx)
		if err != nil {
			continue // ClickHouse is away
		}
		c.Say("%4.0f s: %7s changes, in ClickHouse %7s; killed: %s", time.Since(began).Seconds(), scene.Count(c.load.changes()), scene.Count(n["items"]+n["facts"]), &c.kills)
	}
	return nil
}

const stopTimeout = time.Minute

func (c *chaos) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	var errs []error
	for _, m := range append([]*member{c.producer}, c.members...) {
		if m != nil {
			errs = append(errs, m.stop(ctx))
		}
	}
	if c.stack != nil {
		c.stack.ClickHouse = c.click.server
		errs = append(errs, c.stack.Stop(ctx))
	}
	return errors.Join(errs...)
}
