package replication

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/config"
)

// own gives a server of the test's own.
func own(t *testing.T, oldest int, settings map[string]string) *database {
	t.Helper()
	s, err := postgres.Start(t.Context(), postgres.Config{Dir: t.TempDir(), Oldest: oldest, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	db := &database{t: t, dsn: config.Secret(s.DSN()), conn: postgrestest.Connect(t, s.DSN()), name: "postgres"}
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	return db
}

func TestTooFewSlotsAndSenders(t *testing.T) {
	db := own(t, 0, map[string]string{"max_replication_slots": "1", "max_wal_senders": "2"})
	cfg := db.config("public.a")
	db.exec("SELECT pg_create_logical_replication_slot('another', 'pgoutput')")
	want := []string{"max_replication_slots is 1, and 1 are used", "ALTER SYSTEM SET max_replication_slots = 3"}
	refused(t, cfg, &recorder{}, want...)
	if found := problems(t, cfg); !strings.Contains(found, want[0]) || !strings.Contains(found, want[1]) {
		t.Errorf("Check finds %q", found)
	}
	db.exec("SELECT pg_drop_replication_slot('another')")

	var taken []func()
	for range 2 {
		r, err := New(cfg, nil, nil, nopLog(t))
		if err != nil {
			t.Fatal(err)
		}
		conn, err := r.connectReplication(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, (&exporter{conn}).close)
	}
	want = []string{"max_wal_senders is 2, and 2 are used", "ALTER SYSTEM SET max_wal_senders = 4"}
	refused(t, cfg, &recorder{}, want...)
	if found := problems(t, cfg); !strings.Contains(found, want[0]) || !strings.Contains(found, want[1]) {
		t.Errorf("Check finds %q", found)
	}
	for _, release := range taken {
		release()
	}
	eventually(t, "the walsenders are gone", func() bool {
		var n int
		db.scan(&n, "SELECT count(*) FROM pg_stat_replication")
		return n == 0
	})
	start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
}

// A slot that the server has given up is refused, and the way out works.
func TestInvalidatedSlot(t *testing.T) {
	for _, version := range []int{0, 17} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			db := own(t, version, map[string]string{"max_slot_wal_keep_size": "1MB", "max_wal_size": "32MB", "min_wal_size": "32MB"})
			cfg := db.config("public.a")
			r := start(t, cfg, &recorder{}, noRows{})
			db.waitStreaming(cfg.Slot)
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the slot is lost", func() bool {
				db.exec("SELECT pg_logical_emit_message(false, 'x', 'x'), pg_switch_wal()")
				db.exec("CHECKPOINT")
				var status string
				db.scan(&status, "SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1", cfg.Slot)
				return status == "lost"
			})
			refusal := refused(t, cfg, &recorder{}, "was invalidated", "max_slot_wal_keep_size", "pg_drop_replication_slot")
			if found := problems(t, cfg); !strings.Contains(found, refusal.Problem) {
				t.Errorf("Check finds %q", found)
			}
			fix, _, _ := strings.Cut(refusal.Fix, "; the next start")
			db.exec(fix)
			start(t, cfg, &recorder{}, noRows{})
			db.waitStreaming(cfg.Slot)
		})
	}
}
