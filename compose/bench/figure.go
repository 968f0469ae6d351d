package main

import (
	"fmt"
	"slices"
	"time"
)

// run is what one side did in one run.
type run struct {
	rows int
	took time.Duration
	cpu  time.Duration
	peak int64 // bytes of memory
	// server is the CPU time that the server at the other end took meanwhile.
	server time.Duration
	// mallocs is how many objects were allocated in steady state, in which so many rows went by.
	mallocs, mallocRows float64
	// inserts is how many blocks the target has got.
	inserts int
	// beyond is how long a takeover took beyond the session timeout.
	beyond time.Duration
	// p50 and p99 are of the time from a commit to its acknowledgement.
	p50, p99 time.Duration
}

func (r run) String() string {
	if r.beyond != 0 {
		return fmt.Sprintf("the session timeout and %v", r.beyond)
	}
	if r.p99 != 0 {
		return fmt.Sprintf("%s changes/s, p50 %v, p99 %v, %.2f CPU s", number(r.perSecond()), r.p50, r.p99, r.cpu.Seconds())
	}
	return fmt.Sprintf("%s rows/s, %.2f CPU s, %.0f MiB", number(r.perSecond()), r.cpu.Seconds(), r.peakMiB())
}

// pair is one run of both sides.
type pair struct{ ours, peers run }

// metric is a number told of a run.
type metric struct {
	name, unit string
	of         func(run) float64
}

// report is what is printed.
type report struct {
	Rows int    `json:"rows"`
	Runs int    `json:"runs"`
	CPUs int    `json:"cpus"`
	Go   string `json:"go"`
	// Postgres is the server's version.
	Postgres string            `json:"postgres"`
	Figures  map[string]figure `json:"figures"`
}

// figure is one metric over all runs.
type figure struct {
	Unit  string    `json:"unit"`
	Value float64   `json:"value"` // the median
	Runs  []float64 `json:"runs"`
	// Ratio is of ours to the peer's in the same run: the median of these.
	Ratio float64    `json:"ratio"`
	Peer  peerFigure `json:"peer"`
	Goal  *goal      `json:"goal,omitempty"`
}

type peerFigure struct {
	Name  string    `json:"name"`
	Value float64   `json:"value"`
	Runs  []float64 `json:"runs"`
}

func newFigure(m metric, peer string, pairs []pair) figure {
	f := figure{Unit: m.unit, Peer: peerFigure{Name: peer}}
	var ratios []float64
	for _, p := range pairs {
		ours, peers := m.of(p.ours), m.of(p.peers)
		f.Runs, f.Peer.Runs = append(f.Runs, ours), append(f.Peer.Runs, peers)
		if peers != 0 {
			ratios = append(ratios, ours/peers)
		}
	}
	f.Value, f.Peer.Value, f.Ratio = median(f.Runs), median(f.Peer.Runs), median(ratios)
	return f
}

// median is the one in the middle, or between the two in the middle; 0 of nothing.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func (r run) perSecond() float64 { return over(float64(r.rows), r.took.Seconds()) }

func (r run) perCPUSecond() float64 { return over(float64(r.rows), r.cpu.Seconds()) }

func (r run) cpuPerMillion() float64 { return over(r.cpu.Seconds()*1e6, float64(r.rows)) }

func (r run) serverPerMillion() float64 { return over(r.server.Seconds()*1e6, float64(r.rows)) }

func (r run) mallocsPerRow() float64 { return over(r.mallocs, r.mallocRows) }

func (r run) insertsPerSecond() float64 { return over(float64(r.inserts), r.took.Seconds()) }

func (r run) beyondSeconds() float64 { return r.beyond.Seconds() }

// cpuShare is in percent of one CPU.
func (r run) cpuShare() float64 { return 100 * over(r.cpu.Seconds(), r.took.Seconds()) }

func (r run) p50Millis() float64 { return float64(r.p50) / float64(time.Millisecond) }

func (r run) p99Millis() float64 { return float64(r.p99) / float64(time.Millisecond) }

func (r run) peakMiB() float64 { return float64(r.peak) / (1 << 20) }

// over divides; what took no measurable time gives 0, which JSON can hold.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func figures(metrics []metric, peer string, pairs []pair) map[string]figure {
	all := map[string]figure{}
	for _, m := range metrics {
		all[m.name] = newFigure(m, peer, pairs)
	}
	return all
}

// limitName is what a figure without a peer is relative to.
const limitName = "the limit"

// limited gives a figure that has no peer, but a limit.
func limited(m metric, limit float64, runs []run) figure {
	f := figure{Unit: m.unit, Peer: peerFigure{Name: limitName, Value: limit}}
	for _, r := range runs {
		f.Runs, f.Peer.Runs = append(f.Runs, m.of(r)), append(f.Peer.Runs, limit)
	}
	f.Value = median(f.Runs)
	f.Ratio = over(f.Value, limit)
	return f
}
