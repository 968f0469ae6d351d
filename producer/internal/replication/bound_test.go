package replication

import (
	"context"
	"strings"
	"testing"
	"time"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source/state"
)

// A slot that somebody made again while nobody looked has lost what was written in between, and does not say so.
func TestRecreatedSlot(t *testing.T) {
	for _, c := range []struct{ name, sql string }{
		{"made again", "SELECT pg_drop_replication_slot($1)|SELECT pg_create_logical_replication_slot($1, 'pgoutput')"},
		{"moved forward", "SELECT pg_replication_slot_advance($1, pg_current_wal_lsn())"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, cfg, rec := synced(t)
			// Nothing was confirmed by anybody else yet, also after a producer that was killed.
			if found := problems(t, cfg); found != "" {
				t.Fatalf("Check finds %q", found)
			}
			db.exec("INSERT INTO a VALUES (3)")
			for sql := range strings.SplitSeq(strings.ReplaceAll(c.sql, "$1", "'"+cfg.Slot+"'"), "|") {
				db.exec(sql)
			}
			db.exec("INSERT INTO a VALUES (4)")
			refusal := refused(t, cfg, rec, "made again, or moved forward", "DELETE FROM eventsync.progress")
			if found := problems(t, cfg); found == "" {
				t.Errorf("Check finds nothing, and not %q", refusal.Problem)
			}
			fix, _, _ := strings.Cut(refusal.Fix, ";")
			db.exec(fix)
			next := &recorder{}
			r := start(t, cfg, next, &selectRows{db: db, publisher: next})
			db.waitStreaming(cfg.Slot)
			r.eventuallyHas("a snapshot 3")
			r.eventuallyHas("a snapshot 4")
			db.exec("INSERT INTO a VALUES (5)")
			r.eventuallyHas("a insert 5")
			eventually(t, "and it is confirmed", func() bool {
				all := r.all()
				return db.confirmedFlush(cfg.Slot) > all[len(all)-1].position.Commit
			})
		})
	}
}

// The bound is ahead of the slot at any time, and an idle database stays one.
func TestBound(t *testing.T) {
	db, cfg, _ := synced(t)
	r, err := New(cfg, nil, nil, nopLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	end := func() change.LSN {
		var lsn int64
		db.scan(&lsn, "SELECT (pg_current_wal_insert_lsn() - '0/0')::int8")
		return change.LSN(lsn)
	}
	b := &bound{state: r.state, log: nopLog(t)}
	db.exec("ALTER DATABASE " + db.name + " SET default_transaction_read_only = on")
	before := end()
	if got := b.limit(t.Context(), before); got != before {
		t.Errorf("%v is confirmed, want %v", got, before)
	}
	if remembered, err := r.state.Bound(t.Context()); err != nil || remembered < before {
		t.Errorf("%v is remembered (%v), and %v confirmed", remembered, err, before)
	}
	// What is behind the bound are its own records: they are confirmed now and then, or at the end.
	b.raised, b.pause = time.Now(), time.Hour
	at := b.at
	if got := b.limit(t.Context(), b.echo); got != at || b.at != at {
		t.Errorf("%v is confirmed, and the bound %v: it was raised for its own sake", got, b.at)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if want := b.echo; b.limit(stopped, want) != want {
		t.Error("the last status does not confirm everything")
	}
	db.exec("INSERT INTO a VALUES (100)")
	if want := end(); b.limit(t.Context(), want) != want {
		t.Error("what was changed is not confirmed")
	}
	db.exec("ALTER DATABASE " + db.name + " RESET default_transaction_read_only")
	r.state.Close() // it connects anew
	// On another timeline it begins anew, at once: a producer that is killed before it streams must find it so.
	is, _, err := r.state.Source(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before = end()
	is.Timeline++
	if err := r.state.SetSource(t.Context(), is); err != nil {
		t.Fatal(err)
	}
	if remembered, err := r.state.Bound(t.Context()); err != nil || remembered < before {
		t.Errorf("on another timeline %v is remembered (%v), and the log ends at %v", remembered, err, before)
	}
	// Without the source nothing further is.
	at = b.at
	r.close()
	cfg.DSN = "postgres://nobody@127.0.0.1:1/none"
	if b.state, err = state.New(cfg.DSN, cfg.Slot); err != nil {
		t.Fatal(err)
	}
	if got := b.limit(t.Context(), at+1000); got != at {
		t.Errorf("%v is confirmed past the bound %v", got, at)
	}
}
