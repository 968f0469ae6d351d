package main

import (
	"errors"
	"slices"
	"testing"
)

// Everything, end to end, with as few rows as make several transactions and blocks of work.
func TestMeasure(t *testing.T) {
	if testing.Short() {
		t.Skip("builds both binaries, and starts the stack")
	}
	metrics := slices.Concat(producerMetrics, consumerMetrics)
	o := options{rows: 5_500, runs: 2, parts: partNames, progress: t.Output()}
	r, err := measure(t.Context(), o)
	if errors.Is(err, errNoReceiver) { // a PostgreSQL that was fetched comes without
		t.Log(err)
		metrics, o.parts = consumerMetrics, []string{"consumer"}
		r, err = measure(t.Context(), o)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Figures) != len(metrics) {
		t.Errorf("%d figures, want %d", len(r.Figures), len(metrics))
	}
	for _, m := range metrics {
		f, ok := r.Figures[m.name]
		if !ok || len(f.Runs) != 2 || len(f.Peer.Runs) != 2 {
			t.Errorf("%s: %+v, want two runs of both", m.name, f)
		}
	}
	for _, name := range []string{"consumer_rows_per_second", "consumer_peak_memory"} {
		if f := r.Figures[name]; f.Value <= 0 || f.Peer.Value <= 0 || f.Ratio <= 0 {
			t.Errorf("%s: %+v, want all above zero", name, f)
		}
	}
}

func TestMeasureRefuses(t *testing.T) {
	for _, o := range []options{{rows: 0, runs: 1}, {rows: 1, runs: 0}} {
		if _, err := measure(t.Context(), o); err == nil {
			t.Errorf("%d runs of %d rows are no error", o.runs, o.rows)
		}
	}
}
