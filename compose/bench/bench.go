package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/programs"
	"eventsync/compose/local/stack"
)

// options say what is measured.
type options struct {
	rows, runs int
	parts      []string
	progress   io.Writer
}

// bench is everything that the runs share.
type bench struct {
	options
	dir      string
	binaries programs.Binaries
	stack    *stack.Stack
	broker   *broker.Broker // the stack's
}

var partNames = []string{"producer", "consumer"}

const stopTimeout = time.Minute

// measure starts the stack in a folder of its own, measures, and leaves nothing behind.
func measure(ctx context.Context, o options) (_ *report, err error) {
	if o.rows < 1 || o.runs < 1 {
		return nil, fmt.Errorf("%d runs of %d rows: at least one of each is needed", o.runs, o.rows)
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
	for _, part := range o.parts {
		measured, err := b.part(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part, err)
		}
		maps.Copy(r.Figures, measured)
	}
	return r, nil
}

func (b *bench) part(ctx context.Context, name string) (map[string]figure, error) {
	if name == "producer" {
		return b.producer(ctx)
	}
	return b.consumer(ctx)
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
	return nil
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

// side is one of the two that are measured; i numbers the run.
type side struct {
	name string
	run  func(ctx context.Context, i int) (run, error)
}

// pairs runs both sides, in turns first and second.
func (b *bench) pairs(ctx context.Context, prepare func(ctx context.Context, i int) error, ours, peers side) ([]pair, error) {
	all := make([]pair, b.runs)
	for i := range all {
		if err := prepare(ctx, i); err != nil {
			return nil, err
		}
		p := &all[i]
		turns := []struct {
			side side
			into *run
		}{{ours, &p.ours}, {peers, &p.peers}}
		if i%2 == 1 {
			turns[0], turns[1] = turns[1], turns[0]
		}
		for _, t := range turns {
			r, err := t.side.run(ctx, i)
			if err != nil {
				return nil, fmt.Errorf("run %d of %s: %w", i+1, t.side.name, err)
			}
			*t.into = r
			b.say("run %d of %d: %s: %s rows/s, %.2f CPU s", i+1, b.runs, t.side.name, number(r.perSecond()), r.cpu.Seconds())
		}
	}
	return all, nil
}
