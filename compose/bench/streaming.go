package main

import (
	"context"
	"errors"
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
	all := figures(streamMetrics, receiverName, pairOf(runs[0], runs[2]))
	maps.Copy(all, figures(zstdMetrics, receiverName, pairOf(runs[1], runs[2])))
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

// streaming gives the runs of a producer with each compression, and those of pg_recvlogical. All begin at slots from
// before the rows.
func (b *bench) streaming(ctx context.Context, db *database, rows, transaction int, compressions ...string) (_ [][]run, err error) {
	path, err := b.receiver()
	if err != nil {
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
	if err := db.exec(ctx, "SELECT pg_create_logical_replication_slot($1, 'pgoutput')", recvSlot); err != nil {
		return nil, err
	}
	end := "" // of the WAL
	write := func(ctx context.Context, i int) error {
		b.say("writing a WAL of %s rows, %d in a transaction", number(float64(rows)), transaction)
		end, err = db.write(ctx, i*rows, rows, transaction)
		return err
	}
	sides = append(sides, side{receiverName, func(ctx context.Context, _ int) (run, error) { return b.receive(ctx, path, end, rows) }})
	return b.turns(ctx, b.runs, write, sides...)
}
