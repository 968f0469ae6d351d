package main

import (
	"strings"
	"testing"
)

func TestParseMetric(t *testing.T) {
	const text = `# HELP go_memstats_mallocs_total Total number of heap objects allocated.
# TYPE go_memstats_mallocs_total counter
go_memstats_mallocs_total_more 7
go_memstats_mallocs_total 1.25e+06
`
	if got, err := parseMetric(strings.NewReader(text), mallocsMetric); err != nil || got != 1_250_000 {
		t.Errorf("%v, %v; want 1,250,000", got, err)
	}
	if _, err := parseMetric(strings.NewReader(text), "go_memstats"); err == nil {
		t.Error("a metric that is not there is no error")
	}
}
