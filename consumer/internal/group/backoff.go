package group

import (
	"context"
	"time"

	"go.uber.org/zap"
)

const firstBackoff = 100 * time.Millisecond

// backoff waits twice as long each time, up to last.
type backoff struct{ next, last time.Duration }

func newBackoff(last time.Duration) *backoff {
	return &backoff{next: min(firstBackoff, last), last: last}
}

func (b *backoff) reset() { b.next = min(firstBackoff, b.last) }

func (b *backoff) wait(ctx context.Context) error {
	d := b.next
	b.next = min(2*b.next, b.last)
	return sleep(ctx, d)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// repeated logs what lasts: at once when it is new, then every ten seconds.
type repeated struct {
	log  *zap.Logger
	last string
	at   time.Time
}

const repeatAfter = 10 * time.Second

func newRepeated(log *zap.Logger) *repeated { return &repeated{log: log} }

func (r *repeated) warn(message, reason string, fields ...zap.Field) {
	if reason == r.last && time.Since(r.at) < repeatAfter {
		return
	}
	r.last, r.at = reason, time.Now()
	r.log.Warn(message, fields...)
}
