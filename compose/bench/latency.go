package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	trickleRate    = 5_000 // changes per second
	trickleWriters = 4
	// latencyLimit is in milliseconds.
	latencyLimit = 50
)

// latencyMetrics are relative to what they should stay below.
var latencyMetrics = []struct {
	metric
	limit float64
}{
	{metric{"producer_latency_p99", "ms", run.p99Millis}, latencyLimit},
	{metric{"producer_latency_p50", "ms", run.p50Millis}, latencyLimit},
	{metric{"producer_latency_rate", "changes/s", run.perSecond}, trickleRate}, // below it, the machine was too slow or too busy
	{metric{"producer_latency_cpu", "% of one CPU", run.cpuShare}, 100},
}

// latency measures the time from a commit in PostgreSQL, as the server records it, to the broker's acknowledgement, of
// single-row transactions of several writers that together make so many changes in a second.
func (b *bench) latency(ctx context.Context, db *database) (_ map[string]figure, err error) {
	c := configured{prefix: "trickled", name: "trickled"}
	config, err := b.makeSlot(ctx, db, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.forget(c)) }()
	next := int64(1)
	ours := side{"producer, latency", func(ctx context.Context, _ int) (r run, err error) {
		r, next, err = b.trickled(ctx, db, c, config, next)
		return r, err
	}}
	runs, err := b.turns(ctx, b.runs, nothing, ours)
	if err != nil {
		return nil, err
	}
	all := map[string]figure{}
	for _, m := range latencyMetrics {
		all[m.name] = limited(m.metric, m.limit, runs[0])
	}
	return all, nil
}

// trickled has rows written, from an id on, while the producer streams, and gives the id after the last.
func (b *bench) trickled(ctx context.Context, db *database, c configured, config string, next int64) (r run, _ int64, err error) {
	p, err := b.startProducer(c, config)
	if err != nil {
		return r, 0, err
	}
	defer func() { err = errors.Join(err, p.Stop(context.WithoutCancel(ctx))) }()
	rows := int(b.trickle.Seconds() * trickleRate)
	running, cancel := whileRunning(ctx, p.Process, rows)
	defer cancel()
	arrived := func(wanted int64) error {
		return await(running, func() (bool, error) { return topicEnd(b.broker.Cluster(), c.topic()) >= wanted, nil })
	}
	// The first row waits for the topic to be made, or for the connection, and is not measured.
	if err := db.insert(ctx, int(next), int(next)); err != nil {
		return r, 0, err
	}
	if err := arrived(next); err != nil {
		return r, 0, err
	}
	next++
	before, err := usageOf(p.Pid())
	if err != nil {
		return r, 0, err
	}
	ends := watchEnds(b.broker.Cluster(), c.topic())
	began := time.Now()
	err = b.writeTrickle(running, next, rows)
	took := time.Since(began)
	next += int64(rows)
	if err == nil {
		err = arrived(next - 1)
	}
	seen := ends.stop()
	if err != nil {
		return r, 0, err
	}
	after, err := usageOf(p.Pid())
	if err != nil {
		return r, 0, err
	}
	latencies, err := b.latencies(ctx, c.topic(), seen, began)
	if err != nil {
		return r, 0, err
	}
	if len(latencies) != rows {
		return r, 0, fmt.Errorf("%d records were committed since then, instead of %d", len(latencies), rows)
	}
	slices.Sort(latencies)
	return run{
		rows: rows, took: took, cpu: after.cpu - before.cpu, peak: after.peak,
		p50: latencies[len(latencies)/2], p99: latencies[len(latencies)*99/100],
	}, next, nil
}
