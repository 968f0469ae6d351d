package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// options say what is measured.
type options struct {
	rows, runs int
	singleRows int           // of a run of single-row transactions
	largeRows  int           // of the large transaction
	largeRuns  int           // of it, which takes longer than all else
	trickle    time.Duration // how long a run of the latency lasts
	debezium   bool
	plot       string // where the plot of the growth goes
	parts      []string
	progress   io.Writer
}

func defaults(parts []string) options {
	return options{rows: 1_000_000, runs: 3, singleRows: 300_000, largeRows: 10_000_000, largeRuns: 1, trickle: 20 * time.Second, parts: parts}
}

// The parts, in the order in which they are measured.
const (
	streamPart   = "stream"
	singlePart   = "single"
	snapshotPart = "snapshot"
	latencyPart  = "latency"
	largePart    = "large"

	drainPart    = "drain"
	debeziumPart = "debezium"
	memoryPart   = "memory"
	visiblePart  = "visible"
	takeoverPart = "takeover"
	growthPart   = "growth"
)

var (
	producerParts = []string{streamPart, singlePart, snapshotPart, latencyPart, largePart}
	consumerParts = []string{drainPart, debeziumPart, memoryPart, visiblePart, takeoverPart, growthPart}
	allParts      = slices.Concat(producerParts, consumerParts)
)

func (o *options) check() error {
	if o.rows < 1 || o.runs < 1 || o.singleRows < 1 || o.largeRows < 1 || o.largeRuns < 1 || o.trickle <= 0 {
		return fmt.Errorf("%d runs of %d and %d rows, %d of %d rows, and %v: all must be above zero", o.runs, o.rows, o.singleRows, o.largeRuns, o.largeRows, o.trickle)
	}
	for _, p := range o.parts {
		if !slices.Contains(allParts, p) {
			return fmt.Errorf("there is no part %q: there are %s", p, strings.Join(allParts, ", "))
		}
	}
	return nil
}
