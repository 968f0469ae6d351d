// Package backoff spaces the tries of what may pass by itself: each wait is twice as long as the one before, up to a
// limit, and ends with the context.
package backoff

import (
	"context"
	"time"
)

// Backoff is the waiting of one series of tries. It belongs to one goroutine.
type Backoff struct{ first, last, next time.Duration }

// New makes a Backoff whose waits grow from first to last; the first is no longer than last.
func New(first, last time.Duration) *Backoff {
	first = min(first, last)
	return &Backoff{first: first, last: last, next: first}
}

// Next is how long the next Wait will take.
func (b *Backoff) Next() time.Duration { return b.next }

// Reset begins anew, after a success.
func (b *Backoff) Reset() { b.next = b.first }

// Wait waits; its error is the context's cause.
func (b *Backoff) Wait(ctx context.Context) error {
	t := time.NewTimer(b.next)
	defer t.Stop()
	b.next = min(2*b.next, b.last)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
