package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go"

	"eventsync/compose/local/programs"
	"eventsync/schemas"
)

const (
	consumerPrefix = "full"
	consumerTopic  = consumerPrefix + "." + source
)

var consumerMetrics = []metric{
	{"consumer_rows_per_second", "rows/s", run.perSecond},
	{"consumer_rows_per_cpu_second", "rows/CPU s", run.perCPUSecond},
	{"consumer_peak_memory", "MiB", run.peakMiB},
	{"consumer_clickhouse_cpu", "CPU s/M rows", run.serverPerMillion},
}

// consumer measures the consumer beside the bare loop.
func (b *bench) consumer(ctx context.Context) (map[string]figure, error) {
	b.say("filling a topic with %s rows", number(float64(b.rows)))
	if err := fillTopic(ctx, b.broker.Addr(), consumerTopic, b.rows); err != nil {
		return nil, err
	}
	fetches := watchFetches(b.broker.Cluster(), consumerTopic)
	ours := side{"consumer", func(ctx context.Context, i int) (run, error) {
		return b.onTable(ctx, fmt.Sprintf("consumed_%d", i), func(table string) (run, error) { return b.consume(ctx, fetches, table) })
	}}
	bare := side{"bare ch-go insert", func(ctx context.Context, i int) (run, error) {
		return b.onTable(ctx, fmt.Sprintf("bare_%d", i), func(table string) (run, error) { return b.bareInsert(ctx, table) })
	}}
	runs, err := b.turns(ctx, b.runs, nothing, ours, bare)
	if err != nil {
		return nil, err
	}
	return figures(consumerMetrics, bare.name, pairOf(runs[0], runs[1])), nil
}

// onTable makes a target for one run, looks afterwards whether all rows are in it, and drops it.
func (b *bench) onTable(ctx context.Context, table string, do func(table string) (run, error)) (r run, err error) {
	click, err := ch.Dial(ctx, ch.Options{Address: b.stack.ClickHouse.Addr()})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, click.Close()) }()
	ddl, err := schemas.Files.ReadFile("clickhouse/events.sql")
	if err != nil {
		return r, err
	}
	create := strings.Replace(string(ddl), "EXISTS events", "EXISTS "+table, 1)
	if err := click.Do(ctx, ch.Query{Body: create}); err != nil {
		return r, err
	}
	if r, err = do(table); err != nil {
		return r, err
	}
	if err := countRows(ctx, click, table, b.rows); err != nil {
		return r, err
	}
	return r, click.Do(ctx, ch.Query{Body: "DROP TABLE " + table + " SYNC"})
}

// consume has the consumer sync the topic, from its first fetch to its last commit.
func (b *bench) consume(ctx context.Context, fetches *fetchWatch, table string) (r run, err error) {
	config, err := b.writeConfig(configured{prefix: consumerPrefix, name: table})
	if err != nil {
		return r, err
	}
	first := fetches.next()
	p, err := programs.Run(b.binaries.Consumer, "consumer", config, b.dir+"/"+table+".log")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.Stop(context.WithoutCancel(ctx))) }()
	ctx, cancel := whileRunning(ctx, p.Process, b.rows)
	defer cancel()

	var began time.Time
	select {
	case began = <-first:
	case <-ctx.Done():
		return r, context.Cause(ctx)
	}
	server, err := usageOf(b.stack.ClickHouse.Pid())
	if err != nil {
		return r, err
	}
	ended, err := awaitCommit(ctx, b.broker.Cluster(), table, int64(b.rows))
	if err != nil {
		return r, err
	}
	own, err := usageOf(p.Pid())
	if err != nil {
		return r, err
	}
	serverAfter, err := usageOf(b.stack.ClickHouse.Pid())
	if err != nil {
		return r, err
	}
	return run{rows: b.rows, took: ended.Sub(began), cpu: own.cpu, peak: own.peak, server: serverAfter.cpu - server.cpu}, nil
}
