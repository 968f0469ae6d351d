package partition_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/partition"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
)

// world is everything around a worker, kept in memory and driven by a seed: the partition's log with the repeats of
// restarted producers, the group's committed offset, and a target that takes a token only once, as the engine does.
type world struct {
	mu        sync.Mutex // of rng and crashes: a batch is inserted beside the worker's loop
	rng       *rand.Rand
	log       []kafkaclient.Record
	changes   int // different ones in the log
	committed int64
	metadata  string
	tokens    map[string]bool
	rows      map[change.Position]int
	refused   map[change.Position]bool // by the target
	lost      map[change.Position]int  // dead letters
	open      atomic.Bool
	crash     func() // ends the running worker's generation
	crashes   int
	closed    int  // commits made behind a closed gate
	calm      bool // nothing fails
}

var relation = &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{{Name: "id", Type: change.TypeInt64, Key: true}}}

func newWorld(seed uint64) *world {
	w := &world{
		rng: rand.New(rand.NewPCG(seed, 0)), committed: -1, tokens: map[string]bool{}, rows: map[change.Position]int{},
		refused: map[change.Position]bool{}, lost: map[change.Position]int{},
	}
	w.open.Store(true)
	var enc codec.Encoder
	var previous change.Position
	publish := func(p change.Position) {
		c := &change.Change{Relation: relation, Op: change.Insert, Version: change.Version(p.Commit), Position: p, Values: []change.Value{change.IntegerValue(int64(p.Commit))}}
		w.log = append(w.log, kafkaclient.Record{Offset: int64(len(w.log)), Value: enc.Append(nil, c, previous)})
		previous = p
	}
	for range w.rng.IntN(4) {
		w.refused[change.Position{Commit: change.LSN(1 + w.rng.IntN(100)), Sequence: 1}] = true
	}
	confirmed := 1
	for w.changes = 0; w.changes < 60+w.rng.IntN(60); {
		w.changes++
		publish(change.Position{Commit: change.LSN(w.changes), Sequence: 1})
		if w.rng.IntN(12) == 0 { // killed: a new producer repeats everything since the confirmed position
			confirmed += w.rng.IntN(w.changes - confirmed + 1)
			previous = change.Position{}
			for i := confirmed; i <= w.changes; i++ {
				publish(change.Position{Commit: change.LSN(i), Sequence: 1})
			}
		}
	}
	return w
}

var errCrash = errors.New("crash")

// intn draws a number under n.
func (w *world) intn(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rng.IntN(n)
}

// perhaps crashes once in n.
func (w *world) perhaps(n int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calm || w.crashes > 40 || w.rng.IntN(n) != 0 {
		return false
	}
	w.crashes++
	w.crash()
	return true
}

func (w *world) Commit(_ context.Context, offset int64, metadata string) error {
	if w.perhaps(8) {
		return errCrash
	}
	w.committed, w.metadata = offset, metadata
	if w.perhaps(8) {
		return errCrash // acknowledged, but the answer is lost
	}
	return nil
}

// Held is never in doubt: there is one worker at a time.
func (w *world) Held() bool { return true }

func (w *world) Remembers(context.Context, time.Time) (bool, error) { return w.intn(20) > 0, nil }

func (w *world) Started(context.Context) (time.Time, error) { return time.Time{}, nil }

func (w *world) HasViews(context.Context) (bool, error) { return w.intn(2) == 0, nil }

func (w *world) DeleteBelow(context.Context, change.Version) error { return nil }

func (w *world) Bury(_ context.Context, letters []partition.DeadLetter) error {
	for _, l := range letters {
		var d codec.Decoder
		var m codec.Message
		if err := d.Decode(l.Record.Value, &m); err != nil {
			continue // poison
		}
		w.lost[m.Position]++
	}
	return nil
}

func (w *world) config(r *reader) partition.Config {
	return partition.Config{
		Topic: "t", TopicID: "id", Partition: 3, Reader: r, Batches: [2]partition.Batch{&batch{w: w}, &batch{w: w}}, Gate: w, Target: w, Claim: w,
		Letters: w, Budget: partition.NewBudget(1000), Pace: partition.NewPace(50*time.Millisecond, 50*time.Millisecond),
		Limits: partition.Limits{Rows: 1 + w.intn(9), Bytes: 1 << 20}, Settled: time.Minute, Log: zap.NewNop(),
	}
}

// run lets one worker live until it crashes or the whole log is committed.
func (w *world) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.crash = cancel
	r := &reader{w: w, at: max(w.committed, 0), done: cancel}
	return partition.New(w.config(r)).Run(ctx, w.committed >= 0, w.metadata)
}

func (w *world) Open() bool { return w.open.Load() }

func (w *world) Wait(ctx context.Context) error {
	before := w.committed
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Minute):
		if w.committed != before {
			w.closed++
		}
		w.open.Store(true)
		return nil
	}
}

// check says what is wrong once everything is committed.
func (w *world) check() error {
	for i := 1; i <= w.changes; i++ {
		p := change.Position{Commit: change.LSN(i), Sequence: 1}
		switch n := w.rows[p]; {
		case w.refused[p] && (n > 0 || w.lost[p] == 0):
			return fmt.Errorf("the refused change at %v is in the target %d times, and a dead letter %d times", p, n, w.lost[p])
		case !w.refused[p] && (n != 1 || w.lost[p] > 0):
			return fmt.Errorf("the change at %v is in the target %d times, and a dead letter %d times", p, n, w.lost[p])
		}
	}
	if w.closed > 0 {
		return fmt.Errorf("%d commits behind a closed gate", w.closed)
	}
	return nil
}

// reader reads the world's log in runs of a few records.
type reader struct {
	w    *world
	at   int64
	done func()
}

func (r *reader) SeekTo(offset int64)  { r.at = offset }
func (r *reader) Offset() int64        { return r.at }
func (r *reader) HighWatermark() int64 { return int64(len(r.w.log)) }

func (r *reader) Read(ctx context.Context) ([]kafkaclient.Record, error) {
	if r.at == r.HighWatermark() {
		if r.w.committed == r.at {
			r.done()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
			return nil, nil
		}
	}
	if r.w.intn(10) == 0 {
		r.w.open.Store(false)
	}
	end := min(r.HighWatermark(), r.at+1+int64(r.w.intn(7)))
	records := r.w.log[r.at:end]
	r.at = end
	return append([]kafkaclient.Record(nil), records...), nil
}

// batch inserts into the world's target.
type batch struct {
	w    *world
	rows []change.Position
}

func (b *batch) Append(m *codec.Message) (bool, error) {
	b.rows = append(b.rows, m.Position)
	return true, nil
}
func (b *batch) Rows() int  { return len(b.rows) }
func (b *batch) Bytes() int { return 8 * len(b.rows) }
func (b *batch) Reset()     { b.rows = b.rows[:0] }

func (b *batch) Insert(ctx context.Context, token string) error {
	select { // the next batch fills meanwhile
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(b.w.intn(100)) * time.Millisecond):
	}
	if b.w.perhaps(8) {
		return errCrash
	}
	for _, p := range b.rows {
		if b.w.refused[p] {
			return failure{refuses: true}
		}
	}
	what := b.w.intn(20)
	if b.w.calm {
		what = 19
	}
	switch {
	case what == 0:
		return failure{again: true}
	case what == 1:
		return failure{again: true, unanswered: true} // it never landed
	case what == 2 && !b.w.tokens[token]: // killed between the token and the rows
		b.w.tokens[token] = true
		return failure{again: true, unanswered: true}
	}
	if !b.w.tokens[token] {
		b.w.tokens[token] = true
		for _, p := range b.rows {
			b.w.rows[p]++
		}
	}
	if what == 3 {
		return failure{again: true, unanswered: true} // landed, and the answer is lost
	}
	if b.w.perhaps(8) {
		return errCrash // landed, but nobody is there to hear of it
	}
	return nil
}

func (b *batch) Missing(context.Context) (int, error) { return len(b.rows), nil }

func (b *batch) DropPresent(context.Context) (int, error) {
	if b.w.intn(10) == 0 && !b.w.calm {
		return 0, failure{again: true}
	}
	b.rows = slices.DeleteFunc(b.rows, func(p change.Position) bool { return b.w.rows[p] > 0 })
	return len(b.rows), nil
}

// failure is an error of the target.
type failure struct{ again, refuses, unanswered bool }

func (f failure) Error() string {
	return fmt.Sprintf("again %v, refuses rows %v, unanswered %v", f.again, f.refuses, f.unanswered)
}
func (f failure) Again() bool       { return f.again }
func (f failure) RefusesRows() bool { return f.refuses }
func (f failure) Unanswered() bool  { return f.unanswered }
