package replication

import (
	"context"
	"testing"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/change"
)

// Where our tables are quiet and others are not, in this database and in another, the slot follows, and holds back no log:
// the server's keepalives say how far it has come, and nothing need be written for that.
func TestIdleDatabase(t *testing.T) {
	db, other := newDatabase(t), newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE busy (id int, pad text)")
	other.exec("CREATE TABLE busy (id int, pad text)")
	cfg := db.config("public.a")
	rec := &recorder{}
	r := start(t, cfg, rec, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (1)")
	r.expect("a insert 1")

	// Busy without a pause: there is no moment at which the server would have nothing to decode.
	writing, stop := context.WithCancel(t.Context())
	defer stop()
	const write = "INSERT INTO busy SELECT i, repeat('x', 1000) FROM generate_series(1, 100) i"
	for _, d := range []*database{db, other} {
		conn := postgrestest.Connect(t, string(d.dsn))
		done := make(chan struct{})
		go func() {
			defer close(done)
			for writing.Err() == nil {
				if _, err := conn.Exec(t.Context(), write); err != nil {
					t.Error(err)
					return
				}
			}
		}()
		defer func() { stop(); <-done }()
	}
	positions := func() (confirmed, restart, end change.LSN) {
		t.Helper()
		var c, s, e int64
		if err := db.conn.QueryRow(t.Context(), `SELECT (confirmed_flush_lsn - '0/0')::int8, (restart_lsn - '0/0')::int8, (pg_current_wal_insert_lsn() - '0/0')::int8
			FROM pg_replication_slots WHERE slot_name = $1`, cfg.Slot).Scan(&c, &s, &e); err != nil {
			t.Fatal(err)
		}
		return change.LSN(c), change.LSN(s), change.LSN(e)
	}
	const much = 20 << 20
	_, _, before := positions()
	var end change.LSN
	eventually(t, "much is written", func() bool {
		_, _, end = positions()
		return end > before+much
	})
	db.exec("CHECKPOINT") // has the server note which transactions run, from where on a slot may begin again
	eventually(t, "the slot follows while others write", func() bool {
		confirmed, restart, _ := positions()
		return confirmed >= end && restart >= end
	})
	stop()
	_, _, end = positions()
	db.exec("CHECKPOINT")
	eventually(t, "and when they are done", func() bool {
		confirmed, restart, _ := positions()
		return confirmed >= end && restart >= end
	})
	if lines := r.lines(); len(lines) != 1 {
		t.Errorf("published: %q", lines)
	}
}
