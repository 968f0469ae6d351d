package main

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// Everything, end to end, with as few rows as make several transactions and blocks of work.
func TestMeasure(t *testing.T) {
	if testing.Short() {
		t.Skip("builds both binaries, and starts the stack")
	}
	o := options{rows: 5_500, singleRows: 500, largeRows: 20_000, largeRuns: 2, trickle: 200 * time.Millisecond, runs: 2, parts: slices.DeleteFunc(slices.Clone(allParts), func(p string) bool { return p == growthPart }), progress: t.Output()}
	r, err := measure(t.Context(), o)
	if errors.Is(err, errNoReceiver) { // a PostgreSQL that was fetched comes without
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range slices.Concat(streamMetrics, zstdMetrics, singleMetrics, snapshotMetrics, drainMetrics, jsonMetrics, visibleMetrics) {
		names = append(names, m.name)
	}
	for _, m := range latencyMetrics {
		names = append(names, m.name)
	}
	names = append(names, largeMetric.name, memoryMetric.name, takeoverMetric.name, allocationsMetric.name)
	if len(r.Figures) != len(names) {
		t.Errorf("%d figures, want %d", len(r.Figures), len(names))
	}
	for _, name := range names {
		f, ok := r.Figures[name]
		if !ok || len(f.Runs) != 2 || len(f.Peer.Runs) != 2 {
			t.Errorf("%s: %+v, want two runs of both", name, f)
		}
	}
	for _, name := range []string{"consumer_rows_per_second", "consumer_drain_memory", "producer_latency_p99", "producer_large_transaction_memory"} {
		if f := r.Figures[name]; f.Value <= 0 || f.Peer.Value <= 0 || f.Ratio <= 0 {
			t.Errorf("%s: %+v, want all above zero", name, f)
		}
	}
}

func TestMeasureRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*options){
		"no rows": func(o *options) { o.rows = 0 }, "no runs": func(o *options) { o.runs = 0 },
		"no time": func(o *options) { o.trickle = 0 }, "a part that is not there": func(o *options) { o.parts = []string{"straem"} },
	} {
		o := defaults(allParts)
		spoil(&o)
		if _, err := measure(t.Context(), o); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}
