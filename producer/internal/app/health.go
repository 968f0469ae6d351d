package app

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"eventsync/producer/internal/lookup"
	"eventsync/producer/internal/publish"
	"eventsync/producer/internal/replication"
	"eventsync/producer/internal/snapshot"
)

// patience is how long nothing may move while there is work.
const patience = 30 * time.Second

// parts are those of a producer that runs.
type parts struct {
	intake      *intake
	lookup      *lookup.Lookup
	publisher   *publish.Publisher
	snapshotter *snapshot.Snapshotter
	replicator  *replication.Replicator
}

// health says whether positions move while there is work.
type health struct {
	parts    *parts
	patience time.Duration

	mu    sync.Mutex
	read  int64     // how much of snapshots had been read, when it was last seen to have changed
	moved time.Time // when that was
}

var errNotStreamingYet = errors.New("not streaming yet: verifying the source")

// ready gives the reason why nothing goes on, nil where something does, or where nothing has to. It does not wait.
func (h *health) ready() error {
	return h.look(time.Now()).problem(h.patience)
}

// view is how the parts stand at one time.
type view struct {
	now      time.Time
	standing replication.Standing
	waiting  time.Time // since when the oldest change waits to be acknowledged; zero where none does
	reading  bool      // a snapshot is being read
	moved    time.Time // when more of it was last seen to have been read
}

func (h *health) look(now time.Time) view {
	s := view{now: now, standing: h.parts.replicator.Standing(), waiting: h.parts.publisher.Stats().Waiting}
	if since, _ := h.parts.intake.waiting(); !since.IsZero() && (s.waiting.IsZero() || since.Before(s.waiting)) {
		s.waiting = since
	}
	s.reading = s.standing.Phase == replication.Copying // it may wait for a lock before it begins on a table
	var read int64
	for _, p := range h.parts.snapshotter.Progress() {
		s.reading = s.reading || !p.Began.IsZero() && p.Ended.IsZero()
		read += p.Rows + p.ChunksDone
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if read != h.read || !s.reading {
		h.read, h.moved = read, now
	}
	s.moved = h.moved
	return s
}

// problem is why there is no progress. A producer that stands by has none to make: it is ready to take over.
func (s view) problem(patience time.Duration) error {
	lasts := func(since time.Time) time.Duration { return s.now.Sub(since) }
	standing := s.standing
	switch {
	case standing.Phase == replication.StandingBy:
		return nil
	case standing.Phase == replication.Preparing && standing.Err == nil:
		return errNotStreamingYet
	case standing.Phase == replication.Preparing && lasts(standing.Since) > patience:
		return fmt.Errorf("not streaming for %v: %w", lasts(standing.Since).Round(time.Second), standing.Err)
	case !s.waiting.IsZero() && lasts(s.waiting) > patience:
		return fmt.Errorf("a change has waited for %v to be published, and Kafka has not acknowledged it", lasts(s.waiting).Round(time.Second))
	case s.reading && standing.Phase != replication.Preparing && lasts(s.moved) > patience:
		return fmt.Errorf("a snapshot is under way, and nothing of it was read for %v", lasts(s.moved).Round(time.Second))
	default:
		return nil
	}
}
