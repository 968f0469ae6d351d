package main

import (
	"context"
	"fmt"
	"os"
)

// What grows, and to what.
var (
	grownPartitions = []int{1, 4, 16, 64}
	grownColumns    = []int{2, 9, 40, 200}
)

var growthMetrics = []metric{
	{"rows_per_second", "rows/s", run.perSecond},
	{"rows_per_cpu_second", "rows/CPU s", run.perCPUSecond},
	{"memory", "MiB", run.peakMiB},
}

var visibleGrowthMetrics = []metric{
	{"visible_p50", "ms", run.p50Millis},
	{"visible_p99", "ms", run.p99Millis},
	{"inserts_per_second", "inserts/s", run.insertsPerSecond},
}

// growth measures the same with more partitions, and with more columns.
func (b *bench) growth(ctx context.Context) (map[string]figure, error) {
	all := map[string]figure{}
	for _, n := range grownPartitions {
		f := full{prefix: fmt.Sprintf("partitions_%d", n), rows: max(n, b.rows), partitions: n, shape: eventsShape}
		if err := b.grown(ctx, f, all); err != nil {
			return nil, err
		}
		runs, err := b.trickledThrough(ctx, n, 1)
		if err != nil {
			return nil, err
		}
		for _, m := range visibleGrowthMetrics {
			all[growthName(f.prefix, m.name)] = limited(m, limitOf("consumer_"+m.name), runs)
		}
	}
	for _, n := range grownColumns {
		f := full{prefix: fmt.Sprintf("columns_%d", n), rows: rowsOf(b.rows, n), partitions: 1, shape: shape(n)}
		if err := b.grown(ctx, f, all); err != nil {
			return nil, err
		}
	}
	if b.plot == "" {
		return all, nil
	}
	return all, os.WriteFile(b.plot, plotGrowth(all), 0o644) //nolint:gosec // G306: a picture for everybody
}

func (b *bench) grown(ctx context.Context, f full, all map[string]figure) error {
	runs, err := b.drained(ctx, f, b.runs, true)
	if err != nil {
		return err
	}
	for _, m := range growthMetrics {
		all[growthName(f.prefix, m.name)] = newFigure(m, bareSide, pairOf(runs[0], runs[1]))
	}
	return nil
}

func growthName(prefix, metric string) string { return "growth_" + prefix + "_" + metric }

// rowsOf is how many rows of so many columns are about as much work, but some batches at least.
func rowsOf(rows, columns int) int {
	const least = 5
	return max(1, rows/least, rows*int(eventsShape)/max(columns, int(eventsShape)))
}
