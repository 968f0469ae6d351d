package partition

import (
	"context"
	"time"
)

// Lanes bound how many large batches of a process are inserted at the same time: more do not come to their end sooner,
// but each takes a copy of its block, and then a connection keeps that memory. None are no bound.
type Lanes struct {
	free chan struct{}
	wait time.Duration
}

// large is from how many bytes on a batch needs a lane.
const large = 1 << 20

// NewLanes makes n lanes. A batch waits no longer than that for one, and goes without then: an insert that hangs must
// not hold up other tables.
func NewLanes(n int, wait time.Duration) *Lanes {
	l := &Lanes{make(chan struct{}, n), wait}
	for range n {
		l.free <- struct{}{}
	}
	return l
}

// take waits for a lane, and gives what gives it back. It must be called before the batch is announced: the lease that
// its insert needs is counted from then.
func (l *Lanes) take(ctx context.Context, bytes int) (leave func()) {
	if l == nil || bytes < large {
		return func() {}
	}
	t := time.NewTimer(l.wait)
	defer t.Stop()
	select {
	case <-l.free:
		return func() { l.free <- struct{}{} }
	case <-t.C:
	case <-ctx.Done():
	}
	return func() {}
}
