package main

import (
	"context"
	"fmt"
)

var drainMetrics = []metric{
	{"consumer_rows_per_second", "rows/s", run.perSecond},
	{"consumer_rows_per_cpu_second", "rows/CPU s", run.perCPUSecond},
	{"consumer_drain_memory", "MiB", run.peakMiB},
	{"consumer_clickhouse_cpu", "CPU s/M rows", run.serverPerMillion},
}

// consumer measures one part of what the consumer does.
func (b *bench) consumer(ctx context.Context, part string) (map[string]figure, error) {
	switch part {
	case drainPart:
		return b.drain(ctx)
	case debeziumPart:
		return b.debeziumJSON(ctx)
	case memoryPart:
		return b.memory(ctx)
	case visiblePart:
		return b.visible(ctx)
	case takeoverPart:
		return b.takeover(ctx)
	default:
		return b.growth(ctx)
	}
}

// drainTimes is how many times the rows of other parts the drain has: a few batches would measure how it begins.
const drainTimes = 4

// drain measures the consumer beside the bare loop.
func (b *bench) drain(ctx context.Context) (map[string]figure, error) {
	f := full{prefix: "full", rows: drainTimes * b.rows, partitions: 1, shape: eventsShape}
	runs, err := b.drained(ctx, f, b.runs, true)
	if err != nil {
		return nil, err
	}
	all := figures(drainMetrics, bareSide, pairOf(runs[0], runs[1]))
	all[allocationsMetric.name] = limited(allocationsMetric, limitOf(allocationsMetric.name), runs[0])
	return all, nil
}

var allocationsMetric = metric{"consumer_allocations_per_row", "allocations", run.mallocsPerRow}

var jsonMetrics = []metric{
	{"consumer_debezium_rows_per_cpu_second", "rows/CPU s", run.perCPUSecond},
	{"consumer_debezium_rows_per_second", "rows/s", run.perSecond},
}

// debeziumJSON measures how fast Debezium's messages, without schemas, are taken from a topic.
func (b *bench) debeziumJSON(ctx context.Context) (map[string]figure, error) {
	f := full{prefix: "json", rows: max(1, b.rows/jsonShare), partitions: 1, shape: eventsShape, json: true}
	runs, err := b.drained(ctx, f, b.runs, false)
	if err != nil {
		return nil, err
	}
	all := map[string]figure{}
	for _, m := range jsonMetrics {
		all[m.name] = limited(m, goals()[jsonMetrics[0].name].Bar, runs[0])
	}
	return all, nil
}

// jsonShare: a message of Debezium's takes longer, and more of the broker's memory.
const jsonShare = 2

var memoryMetric = metric{"consumer_memory_16_partitions", "MiB", run.peakMiB}

const (
	memoryPartitions = 16
	// memoryBatches is how many batches of the usual size each partition has.
	memoryBatches = 2.5
)

// memory measures the most memory that the consumer has while all of many partitions are full.
func (b *bench) memory(ctx context.Context) (map[string]figure, error) {
	rows := min(int(memoryPartitions*memoryBatches*blockRows), memoryPartitions*b.rows)
	runs, err := b.drained(ctx, full{prefix: "wide", rows: rows, partitions: memoryPartitions, shape: eventsShape}, b.runs, false)
	if err != nil {
		return nil, err
	}
	return map[string]figure{memoryMetric.name: limited(memoryMetric, limitOf(memoryMetric.name), runs[0])}, nil
}

const bareSide = "bare ch-go insert"

// drained gives the runs of a consumer that empties a full topic and, if there is to be a peer, of the bare loop.
func (b *bench) drained(ctx context.Context, f full, times int, peer bool) (_ [][]run, err error) {
	b.say("filling a topic of %d partitions with %s rows of %d columns", f.partitions, number(float64(f.rows)), f.shape)
	if err := fillTopic(ctx, b.broker.Addr(), f); err != nil {
		return nil, err
	}
	defer func() {
		if e := b.broker.Cluster().DeleteTopic(f.topic()); err == nil {
			err = e
		}
	}()
	fetches := watchFetches(b.broker.Cluster(), f.topic())
	sides := []side{{"consumer of " + f.prefix, func(ctx context.Context, i int) (run, error) {
		name := fmt.Sprintf("%s_consumed_%d", f.prefix, i)
		return b.onTable(ctx, f, name, func() (run, error) { return b.consume(ctx, f, fetches, name) })
	}}}
	if peer {
		sides = append(sides, side{bareSide, func(ctx context.Context, i int) (run, error) {
			name := fmt.Sprintf("%s_bare_%d", f.prefix, i)
			return b.onTable(ctx, f, name, func() (run, error) { return b.bareInsert(ctx, name, f.rows, f.shape) })
		}})
	}
	return b.turns(ctx, times, nothing, sides...)
}
