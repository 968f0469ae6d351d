package replication

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.uber.org/zap/zaptest"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// run runs a Replicator until the test ends.
func run(t *testing.T, cfg Config, snapshotter Snapshotter) *Replicator {
	t.Helper()
	r, err := New(cfg, &recorder{}, snapshotter, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.Run(ctx) // how it ends is not what is tested
	}()
	t.Cleanup(func() { cancel(); <-done })
	return r
}

func (r *Replicator) waitFor(t *testing.T, p Phase) {
	t.Helper()
	eventually(t, "it is "+p.String(), func() bool { return r.Standing().Phase == p })
}

// slow is a Snapshotter that waits to be let go on.
type slow chan struct{}

func (s slow) Copy(ctx context.Context, snapshot *source.Snapshot, remembered *state.Store) error {
	select {
	case <-s:
		return noRows{}.Copy(ctx, snapshot, remembered)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func TestStanding(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	copying := make(slow)
	first := run(t, cfg, copying)
	first.waitFor(t, Copying)
	second := run(t, cfg, noRows{})
	second.waitFor(t, StandingBy)
	close(copying)
	first.waitFor(t, Streaming)
	if s := second.Standing(); s.Phase != StandingBy || s.Err != nil || s.Since.IsZero() {
		t.Errorf("the second is %+v", s)
	}
}

func TestStandingTellsWhatWentWrong(t *testing.T) {
	server, err := postgres.Start(t.Context(), postgres.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			if err := server.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(stop)
	mustExec(t, postgrestest.Connect(t, server.DSN()), "CREATE TABLE a (id int PRIMARY KEY)")
	r := run(t, Config{DSN: config.Secret(server.DSN()), Slot: "s", Publication: "p", Tables: []Table{{Name: source.ParseName("public.a")}}}, noRows{})
	r.waitFor(t, Streaming)
	stop()
	eventually(t, "it says that the server is gone", func() bool {
		s := r.Standing()
		return s.Phase == Preparing && s.Err != nil && strings.Contains(s.Err.Error(), "connect to PostgreSQL")
	})
	before := r.Standing()
	eventually(t, "it has tried again", func() bool { return !errors.Is(r.Standing().Err, before.Err) })
	if again := r.Standing(); again.Since != before.Since {
		t.Errorf("it is preparing since %v, though it was since %v", again.Since, before.Since)
	}
}
