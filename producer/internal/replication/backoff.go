package replication

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstPause  = 100 * time.Millisecond
	lastPause   = 10 * time.Second
	standbyWait = time.Second
)

// backoff says how long to wait before the next try.
type backoff struct{ pause time.Duration }

// next is longer each time, unless the last try went well for longer than the pause before it; never quite the same for
// two producers.
func (b *backoff) next(lasted time.Duration) time.Duration {
	if lasted > b.pause {
		b.pause = 0
	}
	b.pause = min(max(2*b.pause, firstPause), lastPause)
	return b.pause/2 + rand.N(b.pause/2+1) //nolint:gosec // G404: no secret
}

// standby waits for a slot that another producer has.
func (b *backoff) standby(ctx context.Context) {
	b.pause = 0
	sleep(ctx, standbyWait)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
