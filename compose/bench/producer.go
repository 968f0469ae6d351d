package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"eventsync/compose/local/programs"
)

const (
	producerPrefix = "streamed"
	producerTopic  = producerPrefix + "." + source
)

var producerMetrics = []metric{
	{"producer_changes_per_second", "changes/s", run.perSecond},
	{"producer_cpu", "CPU s/M changes", run.cpuPerMillion},
	{"producer_peak_memory", "MiB", run.peakMiB},
}

// producer measures the producer beside pg_recvlogical. Both begin at slots from before the rows: the producer has made
// its own by an earlier start, when the table was empty, so that there is nothing to snapshot.
func (b *bench) producer(ctx context.Context) (_ map[string]figure, err error) {
	receiver, err := b.receiver()
	if err != nil {
		return nil, err
	}
	db, err := openSource(ctx, b.stack.Postgres.DSN())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	config, err := b.writeConfig(producerPrefix, "producer")
	if err != nil {
		return nil, err
	}
	b.say("starting the producer once, to make its slot")
	if err := b.makeSlots(ctx, db, config); err != nil {
		return nil, err
	}
	end := "" // of the WAL
	write := func(ctx context.Context, i int) error {
		b.say("writing a WAL of %s rows", number(float64(b.rows)))
		end, err = db.write(ctx, i*b.rows, b.rows)
		return err
	}
	ours := side{"producer", func(ctx context.Context, i int) (run, error) { return b.publish(ctx, db, config, int64(i*b.rows)) }}
	recv := side{"pg_recvlogical", func(ctx context.Context, _ int) (run, error) { return b.receive(ctx, receiver, end) }}
	pairs, err := b.pairs(ctx, write, ours, recv)
	if err != nil {
		return nil, err
	}
	return figures(producerMetrics, recv.name, pairs), nil
}

// makeSlots makes both slots, and the publication.
func (b *bench) makeSlots(ctx context.Context, db *database, config string) (err error) {
	p, err := b.startProducer(config)
	if err != nil {
		return err
	}
	running, cancel := b.whileRunning(ctx, p)
	defer cancel()
	err = await(running, func() (bool, error) { return db.streams(ctx, producerSlot) })
	if err = errors.Join(err, p.Stop(context.WithoutCancel(ctx))); err != nil {
		return err
	}
	return db.exec(ctx, "SELECT pg_create_logical_replication_slot($1, 'pgoutput')", recvSlot)
}

func (b *bench) startProducer(config string) (*programs.Program, error) {
	return programs.Run(b.binaries.Producer, "producer", config, filepath.Join(b.dir, "producer.log"))
}

// publish has the producer publish the rows, from the moment that it streams to the last acknowledgement.
func (b *bench) publish(ctx context.Context, db *database, config string, before int64) (r run, err error) {
	p, err := b.startProducer(config)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.Stop(context.WithoutCancel(ctx))) }()
	running, cancel := b.whileRunning(ctx, p)
	defer cancel()
	if err := await(running, func() (bool, error) { return db.streams(ctx, producerSlot) }); err != nil {
		return r, err
	}
	began := time.Now()
	end, wanted := int64(0), before+int64(b.rows)
	err = await(running, func() (bool, error) {
		end = topicEnd(b.broker.Cluster(), producerTopic)
		return end >= wanted, nil
	})
	if err != nil {
		return r, err
	}
	took := time.Since(began)
	own, err := usageOf(p.Pid())
	if err != nil {
		return r, err
	}
	if end != wanted {
		return r, fmt.Errorf("%d records are in the topic instead of %d", end, wanted)
	}
	return run{rows: b.rows, took: took, cpu: own.cpu, peak: own.peak}, nil
}
