package partition

import (
	"sync"
	"time"
)

// Pace spaces the inserts into one table, over all of its partitions that a process has: ClickHouse makes a part of
// each. A batch that is full does not wait for its turn.
type Pace struct {
	interval, wait time.Duration

	mu   sync.Mutex
	last time.Time // the latest turn that was given
}

// NewPace makes turns that are interval apart, but never more than wait away.
func NewPace(interval, wait time.Duration) *Pace {
	return &Pace{interval: interval, wait: max(interval, wait)}
}

// turn takes the next turn: it is now after a silence.
func (p *Pace) turn(now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.last.Add(p.interval)
	if next.Before(now) {
		next = now
	}
	if latest := now.Add(p.wait); next.After(latest) {
		next = latest
	}
	p.last = next
	return next
}

// early gives a turn back that was not waited for: the batch goes now, and the next turn follows it as if this had been
// its own.
func (p *Pace) early(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = p.last.Add(-p.interval)
	if p.last.Before(now) {
		p.last = now
	}
}
