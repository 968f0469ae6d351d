package app

import (
	"net/http"
	"testing"
	"time"

	"eventsync/pkg/telemetry/telemetrytest"
)

func TestMetricsTellWhatIsDone(t *testing.T) {
	w := newWorld(t, 2)
	w.publish(0, []byte("no message"), 0)
	for range 3 {
		w.insert(0, time.Hour)
	}
	r := w.start()
	r.WaitReady(http.StatusOK, "^ok\n$")
	for series, ok := range map[string]func(float64) bool{
		`watermark_offset{partition="0",table="public.a"}`:                  telemetrytest.Is(4),
		`next_offset{partition="0",table="public.a"}`:                       telemetrytest.Is(4),
		`end_offset{partition="0",table="public.a"}`:                        telemetrytest.Is(4),
		`end_offset{partition="1",table="public.a"}`:                        telemetrytest.Is(0),
		`sync_lag_seconds{partition="0",table="public.a"}`:                  telemetrytest.Is(0),
		`sync_lag_seconds{partition="1",table="public.a"}`:                  telemetrytest.Is(0),
		`commit_timestamp_seconds{partition="0",table="public.a"}`:          telemetrytest.AtLeast(1.7e9),
		`paused{partition="0",table="public.a"}`:                            telemetrytest.Is(0),
		`rows_total{table="public.a"}`:                                      telemetrytest.Is(3),
		`inserts_total{table="public.a"}`:                                   telemetrytest.Positive,
		`commits_total{table="public.a"}`:                                   telemetrytest.Positive,
		`retries_total{table="public.a"}`:                                   telemetrytest.Is(0),
		`recoveries_total{kind="whole",table="public.a"}`:                   telemetrytest.Is(0),
		`dead_letters_total{code="undecodable",table="public.a"}`:           telemetrytest.Is(1),
		`dead_letters_total{code="refused_by_clickhouse",table="public.a"}`: telemetrytest.Is(0),
		`late_writes_total{table="public.a"}`:                               telemetrytest.Is(0),
		`insert_seconds_count{table="public.a"}`:                            telemetrytest.Positive,
		`batch_rows_sum{table="public.a"}`:                                  telemetrytest.Is(3),
		`batch_bytes_sum{table="public.a"}`:                                 telemetrytest.Positive,
		`group_joined`:                                                      telemetrytest.Is(1),
		`group_generation`:                                                  telemetrytest.Positive,
		`group_joins_total`:                                                 telemetrytest.Is(1),
		`group_partitions`:                                                  telemetrytest.Is(2),
		`gate_open`:                                                         telemetrytest.Is(1),
		`gate_known`:                                                        telemetrytest.Is(1),
		`gate_error`:                                                        telemetrytest.Is(0),
		`gate_generation`:                                                   telemetrytest.Positive,
		`clickhouse_up`:                                                     telemetrytest.Is(1),
		`kafka_up`:                                                          telemetrytest.Is(1),
		`cursor_failures_total`:                                             telemetrytest.Is(0),
	} {
		r.WaitMetric(series, ok)
	}
}

// The series of a partition vanish with it, in a real rebalance; what was counted stays.
func TestSeriesVanishOnRevoke(t *testing.T) {
	w := newWorld(t, 2)
	w.insert(0, 0)
	w.insert(1, 0)
	first := w.start()
	for _, p := range []string{"0", "1"} {
		first.WaitMetric(`watermark_offset{partition="`+p+`",table="public.a"}`, telemetrytest.Is(1))
	}
	first.WaitMetric(`rows_total{table="public.a"}`, telemetrytest.Is(2))
	second := w.start()
	second.WaitMetric("group_partitions", telemetrytest.Is(1))
	first.WaitMetric("group_partitions", telemetrytest.Is(1))
	mine, theirs := "0", "1"
	if _, found := second.Metric(`watermark_offset{partition="0",table="public.a"}`); found {
		mine, theirs = theirs, mine
	}
	for _, name := range []string{"sync_lag_seconds", "watermark_offset", "next_offset", "end_offset", "commit_timestamp_seconds", "paused"} {
		first.WaitGone(name + `{partition="` + theirs + `",table="public.a"}`)
	}
	first.WaitMetric(`watermark_offset{partition="`+mine+`",table="public.a"}`, telemetrytest.Is(1))
	second.WaitMetric(`watermark_offset{partition="`+theirs+`",table="public.a"}`, telemetrytest.Is(1))
	first.WaitMetric(`rows_total{table="public.a"}`, telemetrytest.Is(2))
	first.WaitMetric("group_joins_total", telemetrytest.AtLeast(2))
	second.stop()
	first.WaitMetric(`watermark_offset{partition="`+theirs+`",table="public.a"}`, telemetrytest.Is(1))
}

// Behind the closed gate lag grows and is told, also of what was published since; the member is ready.
func TestGateClosed(t *testing.T) {
	w := newWorld(t, 1)
	w.insert(0, 0)
	r := w.start()
	r.WaitMetric(`rows_total{table="public.a"}`, telemetrytest.Is(1))
	w.flag(false)
	r.WaitMetric("gate_open", telemetrytest.Is(0))
	w.insert(0, time.Hour)
	r.WaitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, telemetrytest.AtLeast(time.Hour.Seconds()))
	r.WaitMetric(`paused{partition="0",table="public.a"}`, telemetrytest.Is(1))
	r.WaitMetric(`end_offset{partition="0",table="public.a"}`, telemetrytest.Is(2))
	r.waitLine("sync", "status", "disabled")
	r.WaitReady(http.StatusOK, "ok")
	w.flag(true)
	r.WaitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, telemetrytest.Is(0))
	r.WaitMetric(`paused{partition="0",table="public.a"}`, telemetrytest.Is(0))
}
