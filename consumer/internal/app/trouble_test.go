package app

import (
	"context"
	"net/http"
	"testing"
	"time"

	"eventsync/compose/local/clickhouse"
	"eventsync/compose/local/process/processtest"
	"eventsync/pkg/telemetry/telemetrytest"
)

// A partition that stops is seen, with how long its changes have waited; its member is not ready.
func TestStoppedPartition(t *testing.T) {
	w := newWorld(t, 2)
	w.exec("DROP TABLE a")
	w.insert(1, time.Hour)
	r := w.start()
	r.WaitMetric(`stopped{partition="0",reason="target",table="public.a"}`, telemetrytest.Is(1))
	r.WaitMetric(`stopped{partition="1",reason="target",table="public.a"}`, telemetrytest.Is(1))
	r.WaitReady(http.StatusServiceUnavailable, "^2 of 2 partitions have stopped: topic cdc.public.a, partition 0: .*does not exist")
	r.WaitMetric(`sync_lag_seconds{partition="1",table="public.a"}`, telemetrytest.AtLeast(time.Hour.Seconds()))
	r.WaitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, telemetrytest.Is(0))
	if status, _ := r.Get("/livez"); status != http.StatusOK {
		t.Errorf("/livez is %d", status)
	}
}

// ClickHouse takes nothing for a while: that is seen, in a sentence and in seconds, and passes with it.
func TestStandsStill(t *testing.T) {
	w := newWorld(t, 1)
	w.exec("DROP TABLE a")
	w.exec(`CREATE TABLE a (id UInt64, _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id
		SETTINGS non_replicated_deduplication_window = 1000, parts_to_throw_insert = 1, parts_to_delay_insert = 1000`)
	w.exec("SYSTEM STOP MERGES a")
	w.insert(0, 0)
	r := w.start()
	r.WaitMetric(`rows_total{table="public.a"}`, telemetrytest.Is(1))
	r.WaitReady(http.StatusOK, "ok")
	w.insert(0, 0)
	w.insert(0, 0)
	r.WaitReady(http.StatusServiceUnavailable, "^topic cdc.public.a, partition 0 has stood at offset . for .*s, and a change that was committed .*s ago waits: .*[Tt]oo many parts")
	r.WaitMetric(`retries_total{table="public.a"}`, telemetrytest.Positive)
	r.WaitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, telemetrytest.AtLeast(quick.Seconds()))
	w.exec("ALTER TABLE a MODIFY SETTING parts_to_throw_insert = 1000")
	r.WaitReady(http.StatusOK, "ok")
	r.WaitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, telemetrytest.Is(0))
	r.WaitMetric(`rows_total{table="public.a"}`, telemetrytest.Is(3))
}

// A ClickHouse that is away matters when something waits for it.
func TestClickHouseIsGone(t *testing.T) {
	w := newWorld(t, 1)
	dir := t.TempDir()
	own, err := clickhouse.Start(t.Context(), clickhouse.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	processtest.StopAtEnd(t, own)
	w.cfg.ClickHouse.Addresses, w.cfg.ClickHouse.Database = []string{own.Addr()}, "default"
	w.connect()
	w.createTarget()
	w.insert(0, 0)
	r := w.start()
	r.WaitMetric(`rows_total{table="public.a"}`, telemetrytest.Is(1))
	if err := own.Kill(); err != nil {
		t.Fatal(err)
	}
	r.WaitMetric("clickhouse_up", telemetrytest.Is(0))
	r.WaitReady(http.StatusOK, "ok")
	w.insert(0, 0)
	r.WaitReady(http.StatusServiceUnavailable, "^ClickHouse has not answered for .*, and changes wait: ")
	again, err := clickhouse.Start(t.Context(), clickhouse.Config{Dir: dir, Addr: own.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	processtest.StopAtEnd(t, again)
	r.WaitReady(http.StatusOK, "ok")
	r.WaitMetric("clickhouse_up", telemetrytest.Is(1))
	r.WaitMetric(`rows_total{table="public.a"}`, telemetrytest.Is(2))
}

func TestKafkaIsGone(t *testing.T) {
	w := newWorld(t, 1)
	r := w.start()
	r.WaitReady(http.StatusOK, "ok")
	r.WaitMetric("kafka_up", telemetrytest.Is(1))
	if err := w.broker.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	r.WaitMetric("kafka_up", telemetrytest.Is(0))
	r.WaitReady(http.StatusServiceUnavailable, "^Kafka has not answered for .*, so that nobody knows what waits: ")
}

func TestFlagThatWasNeverRead(t *testing.T) {
	w := newWorld(t, 1)
	w.flagFile("{")
	r := w.start()
	r.WaitReady(http.StatusServiceUnavailable, "^the flag could not be evaluated yet, so that nothing passes: ")
	r.WaitMetric("gate_known", telemetrytest.Is(0))
	r.WaitMetric("gate_error", telemetrytest.Is(1))
	w.flag(true)
	r.WaitReady(http.StatusOK, "ok")
	w.flagFile("{")
	r.WaitMetric("gate_error", telemetrytest.Is(1))
	r.WaitMetric("gate_open", telemetrytest.Is(1))
	r.WaitReady(http.StatusOK, "ok")
}
