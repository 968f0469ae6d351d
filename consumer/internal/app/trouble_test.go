package app

import (
	"context"
	"net/http"
	"testing"
	"time"

	"eventsync/compose/local/clickhouse"
	"eventsync/compose/local/process/processtest"
)

// A partition that stops is seen, with how long its changes have waited; its member is not ready.
func TestStoppedPartition(t *testing.T) {
	w := newWorld(t, 2)
	w.exec("DROP TABLE a")
	w.insert(1, time.Hour)
	r := w.start()
	r.waitMetric(`stopped{partition="0",reason="target",table="public.a"}`, is(1))
	r.waitMetric(`stopped{partition="1",reason="target",table="public.a"}`, is(1))
	r.waitReady(http.StatusServiceUnavailable, "^2 of 2 partitions have stopped: topic cdc.public.a, partition 0: .*does not exist")
	r.waitMetric(`sync_lag_seconds{partition="1",table="public.a"}`, atLeast(time.Hour.Seconds()))
	r.waitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, is(0))
	if status, _ := r.get("/livez"); status != http.StatusOK {
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
	r.waitMetric(`rows_total{table="public.a"}`, is(1))
	r.waitReady(http.StatusOK, "ok")
	w.insert(0, 0)
	w.insert(0, 0)
	r.waitReady(http.StatusServiceUnavailable, "^topic cdc.public.a, partition 0 has stood at offset . for .*s, and a change that was committed .*s ago waits: .*[Tt]oo many parts")
	r.waitMetric(`retries_total{table="public.a"}`, positive)
	r.waitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, atLeast(quick.Seconds()))
	w.exec("ALTER TABLE a MODIFY SETTING parts_to_throw_insert = 1000")
	r.waitReady(http.StatusOK, "ok")
	r.waitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, is(0))
	r.waitMetric(`rows_total{table="public.a"}`, is(3))
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
	r.waitMetric(`rows_total{table="public.a"}`, is(1))
	if err := own.Kill(); err != nil {
		t.Fatal(err)
	}
	r.waitMetric("clickhouse_up", is(0))
	r.waitReady(http.StatusOK, "ok")
	w.insert(0, 0)
	r.waitReady(http.StatusServiceUnavailable, "^ClickHouse has not answered for .*, and changes wait: ")
	again, err := clickhouse.Start(t.Context(), clickhouse.Config{Dir: dir, Addr: own.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	processtest.StopAtEnd(t, again)
	r.waitReady(http.StatusOK, "ok")
	r.waitMetric("clickhouse_up", is(1))
	r.waitMetric(`rows_total{table="public.a"}`, is(2))
}

func TestKafkaIsGone(t *testing.T) {
	w := newWorld(t, 1)
	r := w.start()
	r.waitReady(http.StatusOK, "ok")
	r.waitMetric("kafka_up", is(1))
	if err := w.broker.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	r.waitMetric("kafka_up", is(0))
	r.waitReady(http.StatusServiceUnavailable, "^Kafka has not answered for .*, so that nobody knows what waits: ")
}

func TestFlagThatWasNeverRead(t *testing.T) {
	w := newWorld(t, 1)
	w.flagFile("{")
	r := w.start()
	r.waitReady(http.StatusServiceUnavailable, "^the flag could not be evaluated yet, so that nothing passes: ")
	r.waitMetric("gate_known", is(0))
	r.waitMetric("gate_error", is(1))
	w.flag(true)
	r.waitReady(http.StatusOK, "ok")
	w.flagFile("{")
	r.waitMetric("gate_error", is(1))
	r.waitMetric("gate_open", is(1))
	r.waitReady(http.StatusOK, "ok")
}
