package demo

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/compare"
	"eventsync/compose/local/internal/scene"
	"eventsync/compose/local/workload"
)

// lines logs the story.
type lines struct{ t *testing.T }

func (l lines) Write(b []byte) (int, error) {
	l.t.Logf("%s", b[:max(0, len(b)-1)])
	return len(b), nil
}

func options(t *testing.T, rows, rate int) Options {
	dir := t.TempDir()
	t.Cleanup(func() {
		if t.Failed() {
			tails(t, dir)
		}
	})
	return Options{Dir: dir, Rows: rows, Rate: rate, Out: lines{t}, ApacheKafka: os.Getenv("EVENTSYNC_KAFKA") == "real"}
}

// tails logs the end of every program's log.
func tails(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		t.Error(err)
	}
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil {
			t.Logf("%s:\n%s", filepath.Base(f), b[max(0, len(b)-4000):])
		}
	}
}

// The story itself, with fewer rows.
func TestStory(t *testing.T) {
	if err := Run(t.Context(), options(t, 20_000, 500)); err != nil {
		t.Fatal(err)
	}
}

// The producer and both consumers are killed with -9 again and again under load. Nothing is lost: every table is equal.
// Nothing is doubled either, in the target's raw rows.
func TestKilledPrograms(t *testing.T) {
	o := options(t, 5_000, 2_000)
	d, err := setup(t.Context(), o)
	defer func() {
		if err := d.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	must(d.Click.Do(t.Context(), ch.Query{Body: "SYSTEM STOP MERGES events"}))
	must(d.hold(t.Context())) // a snapshot that is interrupted is read again, and its rows are doubled until they are merged
	must(d.Files().SetFlag(true))

	kills := map[string]int{}
	for i := range 9 {
		name := scene.Programs[i%len(scene.Programs)]
		must(d.passes(t.Context(), time.Duration(100+rand.IntN(800))*time.Millisecond))
		recovered := d.group()
		must(d.Kill(name))
		kills[name]++
		must(d.Start(name))
		if name != scene.Producer {
			must(d.await(t.Context(), "the group to recover", func(f figures) bool { return f.elapsed > time.Second && f.lag < 2*time.Second && recovered() }))
		}
	}
	changes, err := d.Load.Stop()
	must(err)
	must(d.awaitAll(t.Context()))
	must(d.Compare(t.Context(), []compare.Table{workload.Events()}))
	raw, distinct := d.rawRows(t)
	t.Logf("kills %v; %d changes under load; %d raw rows in ClickHouse", kills, changes, raw)
	if raw != distinct {
		t.Errorf("%d raw rows in the target, but %d different changes", raw, distinct)
	}
}

// passes lets some time of load pass.
func (d *demo) passes(ctx context.Context, t time.Duration) error {
	return d.await(ctx, "some time to pass", func(f figures) bool { return f.elapsed >= t })
}

// group gives a function that tells whether the group has settled anew, with both consumers in it. The broker in this
// process never forgets a member that dies while it joins, as Kafka does; so here none is killed before.
func (d *demo) group() (settled func() bool) {
	b, ok := d.Stack.Broker.(*broker.Broker)
	if !ok {
		return func() bool { return true }
	}
	const group = "eventsync"
	var epoch int32
	if before := b.Cluster().GroupInfo(group); before != nil {
		epoch = before.Epoch
	}
	return func() bool {
		now := b.Cluster().GroupInfo(group)
		return now != nil && now.Epoch > epoch && now.State == "Stable" && len(now.Members) == 2
	}
}

// rawRows counts the target's rows as they lie there, and the changes that they stand for: no two changes of a row
// have the same version.
func (d *demo) rawRows(t *testing.T) (raw, distinct uint64) {
	t.Helper()
	var n, u proto.ColUInt64
	err := d.Click.Do(t.Context(), ch.Query{
		Body:   "SELECT count() AS n, uniqExact(id, _version) AS u FROM events",
		Result: proto.Results{{Name: "n", Data: &n}, {Name: "u", Data: &u}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n.Row(0), u.Row(0)
}
