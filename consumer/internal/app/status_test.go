package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/telemetry/telemetrytest"
)

// status runs the command once.
func (w *world) status(asJSON bool) string {
	w.Helper()
	var out bytes.Buffer
	if err := Status(context.Background(), &w.cfg, zaptest.NewLogger(w.T), StatusOptions{JSON: asJSON, Out: &out}); err != nil {
		w.Fatal(err)
	}
	return out.String()
}

// commit commits the beginning of a partition.
func (w *world) commit(partition int, metadata string) {
	w.Helper()
	client, err := kafkaclient.New(w.cfg.Kafka, "test")
	if err != nil {
		w.Fatal(err)
	}
	defer client.Close()
	if err := client.Commit(w.Context(), w.cfg.Consumer.Group, w.topic, partition, kafkaclient.Commit{Metadata: metadata}); err != nil {
		w.Fatal(err)
	}
}

// The status is read from outside: what is committed, what that announces, and how old the oldest change is, in whichever
// format it came.
func TestStatus(t *testing.T) {
	w := newWorld(t, 4)
	w.insert(0, time.Hour)
	debezium := fmt.Sprintf(`{"before":null,"after":{"id":1},"source":{"connector":"postgresql","schema":"public","table":"a","lsn":1,"ts_ms":%d},"op":"c"}`,
		time.Now().Add(-2*time.Hour).UnixMilli())
	w.publish(1, []byte(debezium), 0)
	w.publish(2, []byte("no message"), time.Hour)
	since := time.Now().Add(-time.Minute).Unix()
	w.commit(1, fmt.Sprintf("es1 L=0:0 I=1:0123456789abcdef:whole:%d", since))
	w.commit(3, "somebody else's")

	var r struct {
		Group string
		Flag  struct {
			Key, Reason string
			Pass        bool
		}
		Partitions []struct {
			Partition int
			Watermark int64
			Complete  int64 `json:"complete_watermark"`
			Committed bool
			End       int64
			Lag       float64 `json:"sync_lag_seconds"`
			Announced *struct {
				Kind  string
				End   int64 `json:"end_offset"`
				Since time.Time
			}
			Problem string
		}
	}
	if err := json.Unmarshal([]byte(w.status(true)), &r); err != nil {
		t.Fatal(err)
	}
	if r.Group != w.cfg.Consumer.Group || r.Flag.Key != w.cfg.Gate.Flag || !r.Flag.Pass || r.Flag.Reason != "STATIC on" || len(r.Partitions) != 4 {
		t.Fatalf("%+v", r)
	}
	p := r.Partitions
	for i, hours := range []float64{1, 2, 1, 0} {
		if got := p[i].Lag / 3600; got < hours || got > hours+0.1 {
			t.Errorf("partition %d lags %v hours, want %v", i, got, hours)
		}
	}
	if a := p[1].Announced; a == nil || a.Kind != "whole" || a.End != 1 || a.Since.Unix() != since || !p[1].Committed || p[1].Complete != 0 {
		t.Errorf("partition 1: %+v, announced %+v", p[1], a)
	}
	if p[0].Announced != nil || p[0].Committed || p[0].Problem != "" || p[1].Problem != "" {
		t.Errorf("partition 0: %+v", p[0])
	}
	if !strings.Contains(p[2].Problem, "offset 0: ") || !strings.Contains(p[3].Problem, "somebody else's") {
		t.Errorf("problems: %q, %q", p[2].Problem, p[3].Problem)
	}

	w.flag(false)
	text := w.status(false)
	for _, line := range []string{
		`(?m)^cdc.public.a +0 +none +0 +1 +1 +36..\..s +-$`,
		`(?m)^cdc.public.a +1 +0 +0 +1 +1 +72..\..s +whole up to 1, 1m.s ago$`,
		`(?m)^PROBLEM: topic cdc.public.a, partition 2, offset 0: `,
		`(?m)^group eventsync, flag event_sync_worker_for_click_house: holds changes back STATIC off$`,
	} {
		if !regexp.MustCompile(line).MatchString(text) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
}

// A topic of Debezium's lags like any other while the flag holds it back.
func TestLagOfDebezium(t *testing.T) {
	w := newWorld(t, 1)
	w.flag(false)
	w.publish(0, fmt.Appendf(nil, `{"before":null,"after":{"id":1},"source":{"connector":"postgresql","schema":"public","table":"a","lsn":1,"ts_ms":%d},"op":"c"}`,
		time.Now().Add(-2*time.Hour).UnixMilli()), 2*time.Hour)
	r := w.start()
	r.WaitMetric(`sync_lag_seconds{partition="0",table="public.a"}`, telemetrytest.AtLeast(7200))
	r.WaitReady(http.StatusOK, "ok")
}
