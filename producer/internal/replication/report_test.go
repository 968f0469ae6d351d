package replication

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

func TestStatus(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1); CREATE TABLE seen (id int PRIMARY KEY)")
	cfg := db.config("public.a", "public.b")
	cfg.Tables = append(cfg.Tables, Table{Name: source.ParseName("public.seen"), Watched: true})
	status := func() *Report {
		t.Helper()
		report, err := Status(t.Context(), cfg, nopLog(t))
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	if r := status(); r.Slot.Exists || r.Problem != "" || r.Tables[0].State != "waiting" {
		t.Errorf("before: %+v", r)
	}
	rec := &recorder{}
	r := start(t, cfg, rec, &selectRows{db: db, publisher: rec})
	db.waitStreaming(cfg.Slot)
	db.waitSnapshots(cfg.Slot, 1)
	db.exec("INSERT INTO a VALUES (2)")
	eventually(t, "the lag is known in seconds", func() bool { return status().Slot.LagSeconds != nil })
	got := status()
	if s := got.Slot; !s.Exists || s.ActivePID == 0 || s.WALStatus != "reserved" || s.Retained <= 0 || s.Safe != nil {
		t.Errorf("the slot: %+v", s)
	}
	if got.System == "" || got.Timeline != 1 || got.Problem != "" {
		t.Errorf("%+v", got)
	}
	for i, want := range []string{"streamed", "left out", "watched"} {
		if got.Tables[i].State != want {
			t.Errorf("%+v is not %s", got.Tables[i], want)
		}
	}
	if got.Tables[0].Percent != 100 || !strings.Contains(got.Tables[1].Problem, "does not exist") || got.Tables[1].Fix == "" {
		t.Errorf("the tables: %+v", got.Tables)
	}
	text, err := json.Marshal(got)
	if err != nil || !strings.Contains(string(text), `"retained_wal_bytes":`) || !strings.Contains(string(text), `"lag_seconds":`) {
		t.Errorf("%s (%v)", text, err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	db.dropSlots()
	if got := status(); got.Slot.Exists || !strings.Contains(got.Problem, "is gone") || !strings.Contains(got.Fix, "DELETE FROM eventsync.progress") {
		t.Errorf("without its slot: %+v", got)
	}
}

func TestTableReport(t *testing.T) {
	began := time.Now()
	table := Table{Name: source.ParseName("public.a")}
	got := tableReport(table, state.Table{Chunks: 10, ChunksDone: 4, Rows: 800, Began: began}, true, nil, began.Add(8*time.Second))
	if got.State != "snapshot" || got.Percent != 40 || got.Rate != 100 || got.ETA == nil || *got.ETA != 12 || got.Rows != 800 {
		t.Errorf("%+v", got)
	}
	got = tableReport(table, state.Table{Began: began}, true, nil, began)
	if got.State != "waiting" || got.ETA != nil || got.Rate != 0 {
		t.Errorf("%+v", got)
	}
}
