package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/process/processtest"
)

// A standby is promoted that lacks the end of the log, which is in the topics: its places are used again for other
// changes. The producer refuses to go on, and says how to: under a raised epoch, with which everything is newer, it does.
func TestPromotedStandbyThatLacksTheEnd(t *testing.T) {
	w := newWorld(t, 1_000)
	standby := w.newStandby()
	w.config(either(w.postgres, standby), w.broker.Addr(), "public.events")
	p := w.run("producer")
	p.says(1, "streaming")
	l := w.load()
	l.changes(500)
	w.hasAll(standby)
	w.must(standby.Stop(t.Context()))
	l.changes(500)
	l.stop()
	w.verify(expectation{}) // all of it is in the topic

	w.must(w.postgres.Crash())
	w.must(standby.Restart(t.Context()))
	w.postgres = standby
	w.exec("SELECT pg_promote()")
	l = w.load()
	l.changes(1_000)
	p.refuses("lacks what was published", "set producer.epoch to 1", "DELETE FROM events WHERE _version < ")
	w.run("producer-again").refuses("lacks what was published", "set producer.epoch to 1")

	w.epoch = 1
	w.config(standby.DSN(), w.broker.Addr(), "public.events")
	after := w.run("producer-after")
	after.says(1, "streaming")
	l.changes(500)
	l.stop()
	w.verify(expectation{snapshotted: true})
}

// newStandby makes one of the source, as it is now.
func (w *world) newStandby() *postgres.Server {
	w.Helper()
	w.must(w.postgres.Stop(w.Context()))
	dir := filepath.Join(w.dir, "standby")
	data := filepath.Join(dir, "data")
	w.must(os.CopyFS(data, os.DirFS(filepath.Join(w.dir, "postgres", "data"))))
	w.must(os.Chmod(data, 0o700))
	w.must(os.WriteFile(filepath.Join(data, "standby.signal"), nil, 0o600))
	w.must(w.postgres.Restart(w.Context()))
	s, err := postgres.Start(w.Context(), postgres.Config{Dir: dir, Settings: map[string]string{
		"primary_conninfo": fmt.Sprintf("host=127.0.0.1 port=%d user=%s", w.postgres.Port(), postgres.Superuser),
	}})
	w.must(err)
	processtest.StopAtEnd(w.T, s)
	return s
}

// either connects to whichever is the primary.
func either(a, b *postgres.Server) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d,127.0.0.1:%d/postgres?sslmode=disable&target_session_attrs=read-write", postgres.Superuser, a.Port(), b.Port())
}

// hasAll waits until the standby has all that there is now.
func (w *world) hasAll(standby *postgres.Server) {
	w.Helper()
	var end string
	w.connected(func(conn *pgx.Conn) error {
		return conn.QueryRow(w.Context(), "SELECT pg_current_wal_flush_lsn()::text").Scan(&end)
	})
	conn, err := pgx.Connect(w.Context(), standby.DSN())
	w.must(err)
	w.eventually("standby with all", func() bool {
		var has bool
		w.must(conn.QueryRow(w.Context(), "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn", end).Scan(&has))
		return has
	})
	w.must(conn.Close(w.Context()))
}

// ofEpoch are the messages of the world's epoch; those of earlier ones are swept away when it was raised.
func (w *world) ofEpoch(all []message) (current []message) {
	for _, m := range all {
		if m.version.Epoch() == w.epoch {
			current = append(current, m)
		}
	}
	return current
}
