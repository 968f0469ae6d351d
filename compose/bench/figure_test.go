package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, tc := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{7}, 7}, {[]float64{9, 1}, 5}, {[]float64{3, 100, 1}, 3}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(tc.values); got != tc.want {
			t.Errorf("median of %v is %v, want %v", tc.values, got, tc.want)
		}
	}
	values := []float64{3, 1, 2}
	median(values)
	if !reflect.DeepEqual(values, []float64{3, 1, 2}) {
		t.Errorf("the values were put into another order: %v", values)
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// somePairs have ratios of rows per second of 2, 0.5 and 1, whose median is none of the ratio of medians.
func somePairs() []pair {
	return []pair{
		{ours: run{rows: 1000, took: seconds(1), cpu: seconds(1), peak: 2 << 20}, peers: run{rows: 1000, took: seconds(2), cpu: seconds(0.5), peak: 1 << 20}},
		{ours: run{rows: 1000, took: seconds(4), cpu: seconds(1), peak: 2 << 20}, peers: run{rows: 1000, took: seconds(2), cpu: seconds(0.5), peak: 1 << 20}},
		{ours: run{rows: 1000, took: seconds(8), cpu: seconds(1), peak: 2 << 20}, peers: run{rows: 1000, took: seconds(8), cpu: seconds(0.5), peak: 1 << 20}},
	}
}

func TestFigure(t *testing.T) {
	f := newFigure(metric{"rate", "rows/s", run.perSecond}, "other", somePairs())
	want := figure{
		Unit: "rows/s", Value: 250, Runs: []float64{1000, 250, 125}, Ratio: 1,
		Peer: peerFigure{Name: "other", Value: 500, Runs: []float64{500, 500, 125}},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("figure %+v, want %+v", f, want)
	}
}

func TestMetrics(t *testing.T) {
	r := run{rows: 500_000, took: seconds(2), cpu: seconds(0.25), peak: 3 << 20, server: seconds(1)}
	for name, tc := range map[string]struct{ got, want float64 }{
		"rows per second": {r.perSecond(), 250_000}, "rows per CPU second": {r.perCPUSecond(), 2_000_000},
		"CPU": {r.cpuPerMillion(), 0.5}, "the server's CPU": {r.serverPerMillion(), 2}, "memory": {r.peakMiB(), 3},
		"allocations per row": {run{mallocs: 50, mallocRows: 200}.mallocsPerRow(), 0.25}, "inserts per second": {run{inserts: 9, took: seconds(2)}.insertsPerSecond(), 4.5},
		"a takeover": {run{beyond: seconds(0.75)}.beyondSeconds(), 0.75},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %v, want %v", name, tc.got, tc.want)
		}
	}
	if got := (run{rows: 5}).perCPUSecond(); got != 0 {
		t.Errorf("without measurable CPU time: %v, want 0, which JSON can hold", got)
	}
}

func TestReport(t *testing.T) {
	r := &report{Rows: 1000, Runs: 3, CPUs: 2, Go: "go1.0", Postgres: "15.1", Figures: figures([]metric{
		{"b_rate", "rows/s", func(r run) float64 { return 1000 * r.perSecond() }}, {"a_memory", "MiB", run.peakMiB},
	}, "other", somePairs())}
	aimed := r.Figures["a_memory"]
	aimed.Goal = &goal{Of: ofValue, Bar: 2.5, Aim: 1, Reached: "bar"}
	r.Figures["a_memory"] = aimed
	var table, asJSON bytes.Buffer
	if err := r.write(&table, false); err != nil {
		t.Fatal(err)
	}
	want := `3 runs of 1000 rows, 2 CPUs, go1.0, PostgreSQL 15.1

FIGURE    VALUE    UNIT    RATIO  RELATIVE TO  BAR, AIM      REACHED
a_memory  2.00     MiB     2.00   other, 1.00  value 2.5, 1  bar
b_rate    250,000  rows/s  1.00   other, 500,000
`
	if table.String() != want {
		t.Errorf("table:\n%s\nwant:\n%s", &table, want)
	}
	if err := r.write(&asJSON, true); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Rows    int
		Figures map[string]struct {
			Value, Ratio float64
			Unit         string
			Runs         []float64
			Peer         struct {
				Name  string
				Value float64
				Runs  []float64
			}
		}
	}
	d := json.NewDecoder(&asJSON)
	if err := d.Decode(&read); err != nil {
		t.Fatal(err)
	}
	f := read.Figures["b_rate"]
	if read.Rows != 1000 || f.Value != 250_000 || f.Ratio != 1 || f.Unit != "rows/s" || len(f.Runs) != 3 || f.Peer.Name != "other" || f.Peer.Value != 500_000 || len(f.Peer.Runs) != 3 {
		t.Errorf("JSON read back: %+v", read)
	}
	if d.More() {
		t.Error("JSON: more than one object")
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0.00", 0.456: "0.46", 999: "999.00", 1000: "1,000", 1234567.8: "1,234,568"} {
		if got := number(v); got != want {
			t.Errorf("%v is printed as %s, want %s", v, got, want)
		}
	}
}
