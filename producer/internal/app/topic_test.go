package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// topic keeps, of each key, what has the greatest version, as the target does.
type topic struct {
	mu     sync.Mutex
	latest map[int64]row
	read   int // rows of snapshots
}

type row struct {
	version change.Version
	op      change.Op
	n       int64
}

// writer is a Publisher into a topic. What it was given is lost, unless it was acknowledged, when it is killed.
type writer struct {
	topic *topic

	mu        sync.Mutex
	random    *rand.Rand
	given     map[int64]row
	read      int
	committed change.LSN
	confirmed change.LSN
	killed    bool
}

var errKilled = errors.New("killed")

func (w *writer) Publish(_ context.Context, changes []change.Change) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.killed {
		return errKilled
	}
	for i := range changes {
		c := &changes[i]
		id, n := c.Values[c.Relation.Column("id")], c.Values[c.Relation.Column("n")]
		keep(w.given, id.Integer(), row{c.Version, c.Op, n.Integer()})
		if c.Op == change.Snapshot {
			w.read++
		}
	}
	return nil
}

func keep(rows map[int64]row, id int64, r row) {
	if before, ok := rows[id]; !ok || r.version >= before.version {
		rows[id] = r
	}
}

// acknowledge has everything given in the topic.
func (w *writer) acknowledge() {
	w.topic.mu.Lock()
	defer w.topic.mu.Unlock()
	for id, r := range w.given {
		keep(w.topic.latest, id, r)
	}
	clear(w.given)
	w.topic.read += w.read
	w.read = 0
	w.confirmed = w.committed
}

func (w *writer) Commit(end change.LSN) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.committed = max(w.committed, end)
	if !w.killed && w.random.IntN(4) == 0 {
		w.acknowledge()
	}
}

func (w *writer) Confirmed() change.LSN {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.killed && w.random.IntN(2) == 0 {
		w.acknowledge()
	}
	return w.confirmed
}

func (w *writer) Flush(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.killed {
		return errKilled
	}
	w.acknowledge()
	return nil
}

func (w *writer) Published(context.Context, []source.Name) (change.LSN, error) { return 0, nil }

func (w *writer) kill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killed = true
}
