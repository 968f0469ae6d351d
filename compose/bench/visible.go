package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/ch-go"
)

var visibleMetrics = []metric{
	{"consumer_visible_p50", "ms", run.p50Millis},
	{"consumer_visible_p99", "ms", run.p99Millis},
	{"consumer_inserts_per_second", "inserts/s", run.insertsPerSecond},
	{"consumer_visible_rate", "changes/s", run.perSecond}, // below the trickle's, the machine was too slow or too busy
	{"consumer_visible_cpu", "% of one CPU", run.cpuShare},
}

// visible measures the time from a commit in PostgreSQL, as the server records it, until a query in ClickHouse sees the
// row, of the same trickle as the producer's latency, through a topic of one partition.
func (b *bench) visible(ctx context.Context) (map[string]figure, error) {
	runs, err := b.trickledThrough(ctx, 1, b.runs)
	if err != nil {
		return nil, err
	}
	all := map[string]figure{}
	for _, m := range visibleMetrics {
		all[m.name] = limited(m, limitOf(m.name), runs)
	}
	return all, nil
}

// limitOf is the bar of a figure that has no peer, and what else it is held against.
func limitOf(name string) float64 {
	switch name {
	case "consumer_visible_rate":
		return trickleRate
	case "consumer_visible_cpu":
		return 100
	default:
		return goals()[name].Bar
	}
}

// trickledThrough gives the runs of a trickle through a topic of so many partitions.
func (b *bench) trickledThrough(ctx context.Context, partitions, times int) (_ []run, err error) {
	db, err := openSource(ctx, b.stack.Postgres.DSN())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	if err := db.empty(ctx); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("visible_%d", partitions)
	c := configured{prefix: name, name: name, partitions: partitions}
	click, err := ch.Dial(ctx, ch.Options{Address: b.stack.ClickHouse.Addr()})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, click.Close()) }()
	create, err := eventsShape.ddl(name)
	if err != nil {
		return nil, err
	}
	if err := click.Do(ctx, ch.Query{Body: create}); err != nil {
		return nil, err
	}
	config, err := b.makeSlot(ctx, db, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.forget(c)) }()
	next := int64(1)
	side := side{fmt.Sprintf("commit to visible, %d partitions", partitions), func(ctx context.Context, _ int) (r run, err error) {
		r, next, err = b.seen(ctx, db, click, c, config, next)
		return r, err
	}}
	runs, err := b.turns(ctx, times, nothing, side)
	if err != nil {
		return nil, err
	}
	return runs[0], click.Do(ctx, ch.Query{Body: "DROP TABLE " + name + " SYNC"})
}

// seen has rows written, from an id on, while the producer and the consumer run, and gives the id after the last.
func (b *bench) seen(ctx context.Context, db *database, click *ch.Client, c configured, config string, next int64) (r run, _ int64, err error) {
	producer, err := b.startProducer(c, config)
	if err != nil {
		return r, 0, err
	}
	defer func() { err = errors.Join(err, producer.Stop(context.WithoutCancel(ctx))) }()
	consumer, err := b.startConsumer(c, config)
	if err != nil {
		return r, 0, err
	}
	defer func() { err = errors.Join(err, consumer.Stop(context.WithoutCancel(ctx))) }()
	rows := int(b.trickle.Seconds() * trickleRate)
	running, cancel := whileRunning(ctx, consumer.Process, rows)
	defer cancel()
	// The first rows wait for the topic to be made, and for the connections, and are not measured.
	const first = 100
	if err := db.insert(ctx, int(next), int(next)+first-1); err != nil {
		return r, 0, err
	}
	next += first
	if _, err := watchRows(running, b.stack.ClickHouse.Addr(), c.name, next-first, first).wait(); err != nil {
		return r, 0, err
	}
	before, err := usageOf(consumer.Pid())
	if err != nil {
		return r, 0, err
	}
	blocks, err := lastBlock(ctx, click, c.name)
	if err != nil {
		return r, 0, err
	}
	rowsSeen := watchRows(running, b.stack.ClickHouse.Addr(), c.name, next, rows)
	began := time.Now()
	writeErr := b.writeTrickle(running, next, rows)
	took := time.Since(began)
	if writeErr != nil {
		cancel()
	}
	at, err := rowsSeen.wait()
	if err := errors.Join(writeErr, err); err != nil {
		return r, 0, err
	}
	after, err := usageOf(consumer.Pid())
	if err != nil {
		return r, 0, err
	}
	blocksAfter, err := lastBlock(ctx, click, c.name)
	if err != nil {
		return r, 0, err
	}
	commits, err := b.commits(ctx, c.topic(), next, rows)
	if err != nil {
		return r, 0, err
	}
	latencies := make([]time.Duration, rows)
	for i := range latencies {
		latencies[i] = at[i].Sub(commits[i])
	}
	slices.Sort(latencies)
	return run{
		rows: rows, took: took, cpu: after.cpu - before.cpu, peak: after.peak, inserts: int(blocksAfter - blocks),
		p50: latencies[len(latencies)/2], p99: latencies[len(latencies)*99/100],
	}, next + int64(rows), nil
}
