package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"eventsync/compose/local/internal/scene"
	"eventsync/compose/local/stack"
	"eventsync/compose/local/workload"
)

// Options say how the demo is played.
type Options struct {
	// Dir keeps everything; a demo played again on it goes on where the last one stopped.
	Dir string
	// Rows are in the events table before anything starts.
	Rows int
	// Rate is how many rows the load changes in a second.
	Rate int
	// Stay keeps everything running after the story, until ctx ends.
	Stay  bool
	Ports stack.Ports
	// ApacheKafka runs Apache Kafka as the broker.
	ApacheKafka bool
	Out         io.Writer
}

// demo is one play of the story.
type demo struct {
	*scene.Scene
	options Options
}

// Run plays the story. It gives an error unless every table was equal in the end.
func Run(ctx context.Context, o Options) (err error) {
	d, err := setup(ctx, o)
	defer func() { err = errors.Join(err, d.Close(ctx)) }()
	if err != nil {
		return ended(ctx, err)
	}
	for _, chapter := range []func(context.Context) error{d.hold, d.open, d.pgbench, d.finish, d.stay} {
		if err := chapter(ctx); err != nil {
			return ended(ctx, err)
		}
	}
	return nil
}

func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

// setup brings everything up to the moment when the producer and two consumers run behind a closed gate.
func setup(ctx context.Context, o Options) (*demo, error) {
	s, err := scene.Open(ctx, scene.Config{Dir: o.Dir, Ports: o.Ports, ApacheKafka: o.ApacheKafka, Rows: o.Rows, Out: o.Out})
	d := &demo{Scene: s, options: o}
	if err != nil {
		return d, err
	}
	d.Load.Start(d.Stack.Postgres.DSN(), o.Rate)
	d.Say("starting one producer and two consumers; a load changes about %s rows a second", scene.Count(int64(o.Rate)))
	return d, d.StartPrograms(ctx)
}

// hold shows that with the flag off rows wait in the topic, and nothing is lost or committed.
func (d *demo) hold(ctx context.Context) error {
	if !d.Fresh {
		return nil
	}
	d.Say("the flag is off: changes wait in Kafka, ClickHouse stays empty, no offset is committed")
	err := d.await(ctx, "the snapshot to be in Kafka", func(f figures) bool { return f.topicEnd >= int64(d.options.Rows) && f.elapsed >= 5*time.Second })
	if err != nil {
		return err
	}
	f, err := d.figures(ctx)
	if err == nil && (f.clickhouse != 0 || f.committed) {
		err = fmt.Errorf("with the flag off ClickHouse has %d rows, offsets committed: %v", f.clickhouse, f.committed)
	}
	return err
}

// open turns the flag on and waits until ClickHouse has caught up.
func (d *demo) open(ctx context.Context) error {
	d.Say("turning the flag on")
	start := time.Now()
	if err := d.Files().SetFlag(true); err != nil {
		return err
	}
	err := d.await(ctx, "ClickHouse to catch up", func(f figures) bool { return f.committed && f.lag < 2*time.Second && f.clickhouse > 0 })
	if err != nil {
		return err
	}
	d.Say("caught up after %.1f s; watching the lag under load for a few seconds", time.Since(start).Seconds())
	return d.await(ctx, "some time to pass", func(f figures) bool { return f.elapsed >= 5*time.Second })
}

// pgbench lets a client that knows nothing of us change its own tables.
func (d *demo) pgbench(ctx context.Context) error {
	if !d.HasPgbench {
		return nil
	}
	d.Say("pgbench: 4 clients, 2,000 tpcb-like transactions, then 1,000 of a delete script")
	p := d.Pgbench()
	return d.while(ctx, func(ctx context.Context) error {
		return errors.Join(p.TPCB(ctx, 500), p.Delete(ctx, 250))
	})
}

// finish ends the load, waits until everything is through, and compares.
func (d *demo) finish(ctx context.Context) error {
	changes, err := d.Load.Stop()
	if err != nil {
		return err
	}
	d.Say("the load has ended after %s changes; waiting for the last of them", scene.Count(changes))
	if err := d.awaitAll(ctx); err != nil {
		return err
	}
	return d.Compare(ctx, workload.Tables(d.HasPgbench))
}

// stay keeps everything running for a person to look at.
func (d *demo) stay(ctx context.Context) error {
	if !d.options.Stay {
		return nil
	}
	d.Load.Start(d.Stack.Postgres.DSN(), d.options.Rate)
	d.Addresses()
	for {
		err := d.await(ctx, "the end", func(figures) bool { return false })
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end that was waited for
		}
		if err != nil {
			return err
		}
	}
}
