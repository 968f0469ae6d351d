package simulation

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"eventsync/consumer/internal/simulation/stage"
	"eventsync/consumer/internal/simulation/standin"
	"eventsync/pkg/change"
)

// Times as the product has them.
const (
	session = 10 * time.Second
	landing = 20 * time.Second // what the server takes for an insert at most
	settled = session + landing
)

// world is all that surrounds the workers.
type world struct {
	stage.Story
	stage.Gate
	name  string
	can   faults
	seed  uint64
	views bool         // materialized views are made of the table
	died  atomic.Int64 // how often the server did: what is on its way to it dies with it

	mu sync.Mutex

	table   *standin.Table
	parts   []*topicPartition
	away    time.Time      // the server does not answer until then
	started time.Time      // when the server last did
	trusted time.Time      // when a token was last said to be remembered
	empty   change.Version // below which rows were deleted
	quiet   bool           // nothing goes wrong any more

	sent     map[int64]map[string]bool // tokens that a change's row was sent under, and not refused
	excused  map[int64]bool            // changes that the view may have counted wrongly
	partOf   map[int64]*topicPartition
	finished chan struct{}
}

// faults are what a world does to its workers.
type faults struct {
	repeats, partitions, overflow, truncate, poison, refused, compaction, gate, freezes, lateCommits, burnt, recreated, blanked bool
}

// worlds are those of the protocol's model, one danger at a time, and all of them.
var worlds = []struct {
	name string
	can  faults
}{
	{"crashes and zombies", faults{freezes: true}},
	{"late commits", faults{lateCommits: true, freezes: true}},
	{"repeats of producers", faults{repeats: true}},
	{"partitions of the table", faults{partitions: true, repeats: true}},
	{"burnt tokens", faults{burnt: true, partitions: true, freezes: true}},
	{"overflowing windows", faults{overflow: true, freezes: true, partitions: true}},
	{"compaction", faults{compaction: true}},
	{"truncate", faults{truncate: true, freezes: true, repeats: true}},
	{"poison and refused rows", faults{poison: true, refused: true, partitions: true, burnt: true}},
	{"a topic made anew", faults{recreated: true}},
	{"metadata blanked by another program", faults{blanked: true, repeats: true}},
	{"everything", faults{repeats: true, partitions: true, overflow: true, truncate: true, poison: true, refused: true, gate: true, freezes: true, lateCommits: true, burnt: true}},
}

func newWorld(seed uint64) *world {
	w := &world{
		Story: stage.Story{Began: time.Now()}, seed: seed, sent: map[int64]map[string]bool{}, excused: map[int64]bool{},
		partOf: map[int64]*topicPartition{}, finished: make(chan struct{}),
	}
	at := worlds[seed%uint64(len(worlds))]
	w.name, w.can = at.name, at.can
	w.views = seed/uint64(len(worlds))%2 == 0
	window := 10_000
	if w.can.overflow {
		window = 60
	}
	w.table = standin.New(window)
	w.Set(true)
	for i := range 2 {
		w.parts = append(w.parts, newTopicPartition(w, i))
	}
	return w
}

// run lets the world go on until everything is committed and has landed, and says what went wrong.
func (w *world) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all sync.WaitGroup
	for _, p := range w.parts {
		all.Go(func() { p.live(ctx) })
	}
	go func() { all.Wait(); close(w.finished) }()
	w.happen()
	cancel()
	all.Wait()
	w.pass(10 * time.Minute) // what is on its way lands, and who is frozen wakes up
	w.check()
	return w.Wrong()
}

// happen is what nobody does: the flag changes, the server goes away, windows overflow. It ends with the world.
func (w *world) happen() {
	d := w.dice(forTheWorld, 0, 0)
	for n := 0; ; n++ {
		select {
		case <-w.finished:
			return
		case <-time.After(time.Second + d.UpTo(20*time.Second)):
		}
		if n > 60 {
			w.calm()
		}
		if n > 2000 {
			w.Fail("no end: %s", w.stand())
			for _, p := range w.parts {
				p.stop()
			}
			return
		}
		if w.isQuiet() {
			continue
		}
		switch d.Intn(8) {
		case 0:
			if w.can.gate {
				w.Set(false)
				w.Say("the gate closes")
			}
		case 1:
			w.Set(true)
		case 2:
			w.mu.Lock()
			w.away = time.Now().Add(d.UpTo(time.Minute))
			w.mu.Unlock()
			w.Say("the server is away")
		case 3:
			if w.can.overflow {
				w.overflow()
			}
		case 4:
			p := w.parts[d.Intn(len(w.parts))]
			if w.can.blanked && p.blank() {
				w.Say("partition %d: another program commits, without metadata", p.id)
			}
		case 5:
			if p := w.parts[d.Intn(len(w.parts))]; w.can.recreated && d.Intn(3) == 0 {
				p.recreate()
			}
		}
	}
}

func (w *world) stand() string {
	var b strings.Builder
	for _, p := range w.parts {
		p.mu.Lock()
		fmt.Fprintf(&b, "partition %d at %d of %d with %q; ", p.id, p.committed, len(p.log), p.metadata)
		p.mu.Unlock()
	}
	return b.String()
}

// overflow has the table forget its older tokens.
func (w *world) overflow() {
	w.mu.Lock()
	if time.Since(w.trusted) < settled { // a window must outlast what is under way, which check sees to
		w.mu.Unlock()
		return
	}
	for id := range w.sent { // what the table has, and the view has not, no token will bring
		if p := w.partOf[id]; w.table.Has(p.row(id)) != w.table.Seen(p.row(id)) {
			w.excused[id] = true
		}
	}
	w.mu.Unlock()
	w.table.Overflow(settled)
	w.Say("the window overflows")
}

// trust notes that somebody relies on the window from now on.
func (w *world) trust() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trusted = time.Now()
}

// calm ends all trouble: from now on everything works.
func (w *world) calm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.quiet, w.away = true, time.Time{}
	w.Set(true)
}

func (w *world) isQuiet() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.quiet
}

// pass lets time pass.
func (w *world) pass(d time.Duration) { <-time.After(d) }

// check says whether everything is where it should be, at the end.
func (w *world) check() {
	for _, p := range w.parts {
		p.check()
	}
}

// emptied is the version below which rows were deleted.
func (w *world) emptied() change.Version {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.empty
}

// below checks that no row is back that was truncated for good.
func (w *world) below(p *topicPartition) {
	for _, r := range p.log {
		if r.change != 0 && p.kind[r.change] != "truncate" && versionOf(r.change) < p.floor && w.table.Has(p.row(r.change)) > 0 {
			w.Fail("partition %d: change %d was truncated, and is back", p.id, r.change)
		}
	}
}

// versionOf is a change's; changes of one source follow each other by it.
func versionOf(id int64) change.Version { return change.Version(id) }
