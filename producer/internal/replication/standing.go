package replication

import "time"

// Phase is what a Replicator is at.
type Phase uint8

// The phases.
const (
	Preparing  Phase = iota // it verifies the source, or waits to try again
	StandingBy              // another producer has the slot
	Copying                 // it takes a snapshot that must come before anything is streamed
	Streaming               // it streams, some tables' snapshot beside that or not
)

// String says it as the end of "the producer is ...".
func (p Phase) String() string {
	switch p {
	case StandingBy:
		return "standing by"
	case Copying:
		return "taking the first snapshot"
	case Streaming:
		return "streaming"
	default:
		return "preparing to stream"
	}
}

// Standing is a Replicator's phase.
type Standing struct {
	Phase Phase
	Since time.Time
	// Err is what went wrong last, while it has not been made good.
	Err error
}

// Standing may be asked from any goroutine, and never waits.
func (r *Replicator) Standing() Standing { return *r.standing.Load() }

// enter begins a phase, or goes on with it after an error.
func (r *Replicator) enter(p Phase, err error) {
	since := time.Now()
	if now := r.standing.Load(); now != nil && now.Phase == p {
		since = now.Since
	}
	r.standing.Store(&Standing{Phase: p, Since: since, Err: err})
}
