package publish

import (
	"context"
	"time"
)

const (
	firstBackoff = 20 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

// backoff waits twice as long each time.
type backoff struct{ next time.Duration }

func newBackoff() *backoff { return &backoff{next: firstBackoff} }

func (b *backoff) wait(ctx context.Context) error {
	t := time.NewTimer(b.next)
	defer t.Stop()
	b.next = min(2*b.next, lastBackoff)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
