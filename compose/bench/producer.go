package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"eventsync/compose/local/process"
	"eventsync/compose/local/programs"
)

// producer measures one part of what the producer does.
func (b *bench) producer(ctx context.Context, part string) (_ map[string]figure, err error) {
	db, err := openSource(ctx, b.stack.Postgres.DSN())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	if err := db.empty(ctx); err != nil {
		return nil, err
	}
	switch part {
	case streamPart:
		return b.stream(ctx, db)
	case singlePart:
		return b.single(ctx, db)
	case snapshotPart:
		return b.snapshot(ctx, db)
	case latencyPart:
		return b.latency(ctx, db)
	default:
		return b.large(ctx, db)
	}
}

// makeSlot has a producer make its slot, by a first start while the table is empty, so that there is nothing to snapshot.
func (b *bench) makeSlot(ctx context.Context, db *database, c configured) (config string, err error) {
	if config, err = b.writeConfig(c); err != nil {
		return "", err
	}
	p, err := b.startProducer(c, config)
	if err != nil {
		return "", err
	}
	running, cancel := whileRunning(ctx, p.Process, 0)
	defer cancel()
	err = await(running, func() (bool, error) { return db.streams(ctx, c.name) })
	return config, errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
}

func (b *bench) startProducer(c configured, config string) (*programs.Program, error) {
	return programs.Run(b.binaries.Producer, "producer", config, filepath.Join(b.dir, c.name+".log"))
}

// publish has the producer publish rows behind those that the topic has.
func (b *bench) publish(ctx context.Context, c configured, config string, begun func() (bool, error), before, rows int) (r run, err error) {
	p, err := b.startProducer(c, config)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.Stop(context.WithoutCancel(ctx))) }()
	return b.untilPublished(ctx, p.Process, c.topic(), begun, before, rows)
}

// untilPublished measures from the moment that a program has begun until so many rows more are in the topic.
func (b *bench) untilPublished(ctx context.Context, p *process.Process, topic string, begun func() (bool, error), before, rows int) (r run, err error) {
	running, cancel := whileRunning(ctx, p, rows)
	defer cancel()
	if err := await(running, begun); err != nil {
		return r, err
	}
	began := time.Now()
	end, wanted := int64(0), int64(before+rows)
	err = await(running, func() (bool, error) {
		end = topicEnd(b.broker.Cluster(), topic)
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
	return run{rows: rows, took: took, cpu: own.cpu, peak: own.peak}, nil
}

// forget deletes the topic, since the broker holds it in the memory of this process.
func (b *bench) forget(c configured) error { return b.broker.Cluster().DeleteTopic(c.topic()) }
