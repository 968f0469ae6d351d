package app

import (
	"time"

	"eventsync/producer/internal/replication"
)

// lag is how long ago the oldest change was committed that Kafka has not acknowledged; false where somebody else streams.
// While nothing is streamed at all, it is what it may be at most: how long that is so.
func (p *parts) lag(now time.Time) (time.Duration, bool) {
	standing := p.replicator.Standing()
	if standing.Phase == replication.StandingBy {
		return 0, false
	}
	var longest time.Duration
	_, given := p.intake.waiting()
	for _, committed := range []time.Time{p.publisher.Stats().Oldest, given} {
		if !committed.IsZero() {
			longest = max(longest, now.Sub(committed))
		}
	}
	if standing.Phase == replication.Preparing {
		longest = max(longest, now.Sub(standing.Since))
	}
	return longest, true
}
