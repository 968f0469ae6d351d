package app

import (
	"net/http"
	"testing"
	"time"
)

func TestMetricsTellWhatIsDone(t *testing.T) {
	w := newWorld(t, 2)
	w.publish(0, []byte("no message"), 0)
	for range 3 {
		w.insert(0, time.Hour)
	}
	r := w.start()
	r.waitReady(http.StatusOK, "^ok\n$")
	for series, ok := range map[string]func(float64) bool{
		`watermark_offset{partition="0",table="public.a"}`:                  is(4),
		`next_offset{partition="0",table="public.a"}`:                       is(4),
		`end_offset{partition="0",table="public.a"}`:                        is(4),
		`end_offset{partition="1",table="public.a"}`:                        is(0),
		`sync_lag_seconds{partition="0",table="public.a"}`:                  is(0),
		`sync_lag_seconds{partition="1",table="public.a"}`:                  is(0),
		`commit_timestamp_seconds{partition="0",table="public.a"}`:          atLeast(1.7e9),
		`paused{partition="0",table="public.a"}`:                            is(0),
		`rows_total{table="public.a"}`:                                      is(3),
		`inserts_total{table="public.a"}`:                                   positive,
		`commits_total{table="public.a"}`:                                   positive,
		`retries_total{table="public.a"}`:                                   is(0),
		`recoveries_total{kind="whole",table="public.a"}`:                   is(0),
		`dead_letters_total{code="undecodable",table="public.a"}`:           is(1),
		`dead_letters_total{code="refused_by_clickhouse",table="public.a"}`: is(0),
		`late_writes_total{table="public.a"}`:                               is(0),
		`insert_seconds_count{table="public.a"}`:                            positive,
		`batch_rows_sum{table="public.a"}`:                                  is(3),
		`batch_bytes_sum{table="public.a"}`:                                 positive,
		`group_joined`:                                                      is(1),
		`group_generation`:                                                  positive,
		`group_joins_total`:                                                 is(1),
		`group_partitions`:                                                  is(2),
		`gate_open`:                                                         is(1),
		`gate_known`:                                                        is(1),
		`gate_error`:                                                        is(0),
		`gate_generation`:                                                   positive,
		`clickhouse_up`:                                                     is(1),
		`kafka_up`:                                                          is(1),
		`cursor_failures_total`:                                             is(0),
	} {
		r.waitMetric(series, ok)
	}
}

// The series of a partition vanish with it, in a real rebalance; what was counted stays.
func TestSeriesVanishOnRevoke(t *testing.T) {
	w := newWorld(t, 2)
	w.insert(0, 0)
	w.insert(1, 0)
	first := w.start()
	for _, p := range []string{"0", "1"} {
		first.waitMetric(`watermark_offset{partition="`+p+`",table="public.a"}`, is(1))
	}
	first.waitMetric(`rows_total{table="public.a"}`, is(2))
	second := w.start()
	second.waitMetric("group_partitions", is(1))
	first.waitMetric("group_partitions", is(1))
	mine, theirs := "0", "1"
	if _, found := second.metric(`watermark_offset{partition="0",table="public.a"}`); found {
		mine, theirs = theirs, mine
	}
	for _, name := range []string{"sync_lag_seconds", "watermark_offset", "next_offset", "end_offset", "commit_timestamp_seconds", "paused"} {
		first.waitGone(name + `{partition="` + theirs + `",table="public.a"}`)
	}
	first.waitMetric(`watermark_offset{partition="`+mine+`",table="public.a"}`, is(1))
	second.waitMetric(`watermark_offset{partition="`+theirs+`",table="public.a"}`, is(1))
	first.waitMetric(`rows_total{table="public.a"}`, is(2))
	first.waitMetric("group_joins_total", atLeast(2))
	second.stop()
	first.waitMetric(`watermark_offset{partition="`+theirs+`",table="public.a"}`, is(1))
}

// Behind the closed gate lag grows and is told, also of what was published since; the member is ready.
func TestGateClosed(t *testing.T) {
	w := newWorld(t, 1)
	w.insert(0, 0)
	r := w.start()
	r.waitMetric(`rows_total{table="public.a"}`, is(1))
	w.flag(false)
	r.waitMetric("gate_open", is(0))
	w.insert(0, time.Hour)
	r.waitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, atLeast(time.Hour.Seconds()))
	r.waitMetric(`paused{partition="0",table="public.a"}`, is(1))
	r.waitMetric(`end_offset{partition="0",table="public.a"}`, is(2))
	r.waitLine("sync", "status", "disabled")
	r.waitReady(http.StatusOK, "ok")
	w.flag(true)
	r.waitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, is(0))
	r.waitMetric(`paused{partition="0",table="public.a"}`, is(0))
}
