package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/programs"
	"eventsync/compose/local/stack"
	"eventsync/schemas"
)

// bench is everything that the runs share.
type bench struct {
	options
	dir      string
	binaries programs.Binaries
	stack    *stack.Stack
	broker   *broker.Broker // the stack's
}

const stopTimeout = time.Minute

// measure starts the stack in a folder of its own, measures, and leaves nothing behind.
func measure(ctx context.Context, o options) (_ *report, err error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	b := &bench{options: o}
	if b.dir, err = os.MkdirTemp("", "eventsync-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		err = errors.Join(err, b.stop(stopping))
	}()
	if err := b.start(ctx); err != nil {
		return nil, err
	}
	r := &report{Rows: o.rows, Runs: o.runs, CPUs: runtime.NumCPU(), Go: runtime.Version(), Figures: map[string]figure{}}
	if r.Postgres, err = b.serverVersion(ctx); err != nil {
		return nil, err
	}
	for _, part := range o.parts {
		measured, err := b.part(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part, err)
		}
		for name, f := range measured {
			r.Figures[name] = judged(name, f)
		}
	}
	return r, nil
}

func (b *bench) part(ctx context.Context, name string) (map[string]figure, error) {
	if slices.Contains(consumerParts, name) {
		return b.consumer(ctx, name)
	}
	return b.producer(ctx, name)
}

func (b *bench) start(ctx context.Context) (err error) {
	b.say("building the binaries and starting PostgreSQL, Kafka and ClickHouse in %s", b.dir)
	if b.binaries, err = programs.Build(ctx, filepath.Join(b.dir, "bin")); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(b.dir, "servers.log"))
	if err != nil {
		return err
	}
	b.stack, err = stack.Start(ctx, stack.Config{Dir: b.dir, Log: log})
	if err != nil {
		return err
	}
	b.broker, _ = b.stack.Broker.(*broker.Broker) // it is no other, unless the config says so
	return b.createCursors(ctx)
}

// createCursors makes the table that the consumer tells its progress in.
func (b *bench) createCursors(ctx context.Context) (err error) {
	ddl, err := schemas.Files.ReadFile("clickhouse/sync_cursors.sql")
	if err != nil {
		return err
	}
	click, err := ch.Dial(ctx, ch.Options{Address: b.stack.ClickHouse.Addr()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, click.Close()) }()
	return click.Do(ctx, ch.Query{Body: strings.TrimSpace(string(ddl))})
}

func (b *bench) stop(ctx context.Context) (err error) {
	if b.stack != nil {
		err = b.stack.Stop(ctx)
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, format+"\n", args...)
}

// side is one of those that are measured; i numbers the run.
type side struct {
	name string
	run  func(ctx context.Context, i int) (run, error)
}

// turns runs all sides so many times, each run beginning with another one, and gives each side's runs.
func (b *bench) turns(ctx context.Context, times int, prepare func(ctx context.Context, i int) error, sides ...side) ([][]run, error) {
	all := make([][]run, len(sides))
	for i := range times {
		if err := prepare(ctx, i); err != nil {
			return nil, err
		}
		for j := range sides {
			which := (i + j) % len(sides)
			s := sides[which]
			r, err := s.run(ctx, i)
			if err != nil {
				return nil, fmt.Errorf("run %d of %s: %w", i+1, s.name, err)
			}
			all[which] = append(all[which], r)
			b.say("run %d of %d: %s: %s", i+1, times, s.name, r)
		}
	}
	return all, nil
}

// pairOf pairs the runs of two sides.
func pairOf(ours, peers []run) []pair {
	pairs := make([]pair, len(ours))
	for i := range pairs {
		pairs[i] = pair{ours[i], peers[i]}
	}
	return pairs
}

func nothing(context.Context, int) error { return nil }
