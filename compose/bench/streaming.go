package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
)

var (
	streamMetrics = []metric{
		{"producer_changes_per_second", "changes/s", run.perSecond},
		{"producer_cpu", "CPU s/M changes", run.cpuPerMillion},
		{"producer_peak_memory", "MiB", run.peakMiB},
	}
	zstdMetrics = []metric{
		{"producer_zstd_changes_per_second", "changes/s", run.perSecond},
		{"producer_zstd_cpu", "CPU s/M changes", run.cpuPerMillion},
	}
	singleMetrics = []metric{
		{"producer_single_row_changes_per_second", "changes/s", run.perSecond},
		{"producer_single_row_cpu", "CPU s/M changes", run.cpuPerMillion},
	}
)

// stream measures the producer, with either compression, beside pg_recvlogical.
func (b *bench) stream(ctx context.Context, db *database) (map[string]figure, error) {
	runs, err := b.streaming(ctx, db, b.rows, perTransaction, "lz4", "zstd")
	if err != nil {
		return nil, err
	}
	recv := runs[2]
	all := figures(streamMetrics, receiverName, pairOf(runs[0], recv))
	maps.Copy(all, figures(zstdMetrics, receiverName, pairOf(runs[1], recv)))
	if b.debezium {
		maps.Copy(all, figures(debeziumMetrics, receiverName, pairOf(runs[3], recv)))
	}
	return all, nil
}

// single does the same with single-row transactions.
func (b *bench) single(ctx context.Context, db *database) (map[string]figure, error) {
	runs, err := b.streaming(ctx, db, b.singleRows, 1, "lz4")
	if err != nil {
		return nil, err
	}
	return figures(singleMetrics, receiverName, pairOf(runs[0], runs[1])), nil
}

const createSlot = "SELECT pg_create_logical_replication_slot($1, 'pgoutput')"

// debeziumSlot is that of a run, each of which begins without what the one before remembered.
func debeziumSlot(i int) configured {
	name := fmt.Sprintf("debezium_%d", i)
	return configured{prefix: name, name: name}
}

// streaming gives the runs of a producer with each compression, and those of pg_recvlogical. All begin at slots from
// before the rows. Behind them are Debezium's, in the large transactions, if it was asked for.
func (b *bench) streaming(ctx context.Context, db *database, rows, transaction int, compressions ...string) (_ [][]run, err error) {
	path, err := b.receiver()
	if err != nil {
		return nil, err
	}
	jars, err := b.debeziumJars(ctx)
	if errors.Is(err, errNoDebezium) { // the others can be measured without it
		b.say("%v", err)
		b.debezium = false
	} else if err != nil {
		return nil, err
	}
	var sides []side
	for _, compression := range compressions {
		c := configured{prefix: "streamed_" + compression, name: "streamed_" + compression, compression: compression}
		if transaction == 1 {
			c.prefix, c.name = "single_"+compression, "single_"+compression
		}
		config, err := b.makeSlot(ctx, db, c)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, b.forget(c)) }()
		begun := func() (bool, error) { return db.streams(ctx, c.name) }
		sides = append(sides, side{"producer, " + compression, func(ctx context.Context, i int) (run, error) {
			return b.publish(ctx, c, config, begun, i*rows, rows)
		}})
	}
	if err := db.exec(ctx, createSlot, recvSlot); err != nil {
		return nil, err
	}
	end := "" // of the WAL
	write := func(ctx context.Context, i int) error {
		if b.debezium && transaction > 1 {
			if err := db.exec(ctx, createSlot, debeziumSlot(i).name); err != nil {
				return err
			}
		}
		b.say("writing a WAL of %s rows, %d in a transaction", number(float64(rows)), transaction)
		end, err = db.write(ctx, i*rows, rows, transaction)
		return err
	}
	sides = append(sides, side{receiverName, func(ctx context.Context, _ int) (run, error) { return b.receive(ctx, path, end, rows) }})
	if b.debezium && transaction > 1 {
		sides = append(sides, side{"Debezium", func(ctx context.Context, i int) (run, error) {
			return b.replicate(ctx, db, jars, debeziumSlot(i), rows)
		}})
	}
	return b.turns(ctx, b.runs, write, sides...)
}
