package replication

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// What the slot holds back is watched also while nothing is confirmed, and said once a minute.
func TestRetainedWAL(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, pad text)")
	cfg := db.config("public.a")
	cfg.RetainedWAL = 1 << 20
	rec := &recorder{}
	core, logged := observer.New(zapcore.WarnLevel)
	r := start(t, cfg, rec, noRows{}, func(r *Replicator) {
		r.readEvery = 10 * time.Millisecond
		r.log = zap.New(core)
	})
	db.waitStreaming(cfg.Slot)
	rec.hold(true)
	db.exec("INSERT INTO a SELECT i, repeat('x', 1000) FROM generate_series(1, 3000) i")
	eventually(t, "it is seen", func() bool {
		s, ok := r.replicator.Slot()
		return ok && s.Retained > 3<<20 && s.Lag > 3<<20 && s.ActivePID != 0 && s.WALStatus == "reserved" && s.Safe == -1
	})
	first, _ := r.replicator.Slot()
	seen := map[time.Time]bool{}
	eventually(t, "more readings", func() bool {
		s, _ := r.replicator.Slot()
		seen[s.At] = s.At.After(first.At)
		return len(seen) > 10
	})
	alarms := logged.FilterMessageSnippet("retained_wal_alarm")
	if alarms.Len() != 1 || !strings.Contains(alarms.All()[0].ContextMap()["alarm"].(string), "1MiB") {
		t.Errorf("alarms: %v", alarms.All())
	}
	rec.hold(false)
	eventually(t, "it is confirmed", func() bool {
		s, _ := r.replicator.Slot()
		return s.Lag < 1<<20
	})
}

func TestAlarm(t *testing.T) {
	db := newDatabase(t)
	r, err := New(Config{DSN: db.dsn, RetainedWAL: 100}, nil, nil, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reading SlotReading
		want    bool
	}{
		{SlotReading{WALStatus: "reserved", Retained: 100}, false},
		{SlotReading{WALStatus: "reserved", Retained: 101}, true},
		{SlotReading{WALStatus: "extended", Retained: 1}, false},
		{SlotReading{WALStatus: "unreserved", Retained: 1}, true},
		{SlotReading{WALStatus: "lost"}, true},
	} {
		if r.alarm(&c.reading) != c.want {
			t.Errorf("%+v: no %v", c.reading, c.want)
		}
	}
}
