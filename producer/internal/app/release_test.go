package app

import (
	"context"
	"math/rand/v2"
	"testing"

	"go.uber.org/zap/zaptest"

	"eventsync/pkg/change"
	"eventsync/producer/internal/replication"
	"eventsync/producer/internal/snapshot"
	"eventsync/producer/internal/source"
)

// stuck is a writer that takes no rows of a snapshot until it is let go on.
type stuck struct {
	*writer
	reached, goOn chan struct{}
}

func (s *stuck) Publish(ctx context.Context, changes []change.Change) error {
	if changes[0].Op == change.Snapshot {
		select {
		case s.reached <- struct{}{}:
		default:
		}
		select {
		case <-s.goOn:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return s.writer.Publish(ctx, changes)
}

// However long a snapshot is read beside the stream, nothing of the log is held back for it.
func TestASnapshotHoldsNoLogBack(t *testing.T) {
	w := newWorld(t, 0)
	into := &stuck{
		writer:  &writer{topic: w.topic, given: map[int64]row{}, random: rand.New(rand.NewPCG(0, 0))},
		reached: make(chan struct{}, 1), goOn: make(chan struct{}),
	}
	tables := w.cfg.Tables
	run := func() (stop func()) {
		r, err := replication.New(replication.Configure(w.cfg), into, snapshot.New(w.cfg, into, zaptest.NewLogger(t)), zaptest.NewLogger(t))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		return func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	w.cfg.Tables[0].Source = "public.b" // which is empty
	stop := run()
	w.await("b is there", func() bool {
		known, err := w.store.Tables(t.Context())
		return err == nil && known[source.ParseName("public.b")].Done
	})
	stop()
	w.cfg.Tables = append(tables, tables[0])
	w.cfg.Tables[1].Source = "public.a"
	stop = run()
	defer stop()
	<-into.reached
	w.await("no temporary slot is left", func() bool {
		var left int
		err := w.conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_replication_slots WHERE temporary AND database = current_database()").Scan(&left)
		return err == nil && left == 0
	})
	close(into.goOn)
	w.await("a is done", func() bool { return w.remembered().Done })
}
