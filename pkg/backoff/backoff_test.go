package backoff_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"eventsync/pkg/backoff"
)

func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backoff.New(time.Second, 3*time.Second)
		for _, want := range []time.Duration{1, 2, 3, 3} {
			start := time.Now()
			if next := b.Next(); next != want*time.Second {
				t.Errorf("the next wait is %v, not %v s", next, want)
			}
			if err := b.Wait(t.Context()); err != nil || time.Since(start) != want*time.Second {
				t.Errorf("waited %v, %v; want %v s", time.Since(start), err, want)
			}
		}
		if b.Reset(); b.Next() != time.Second {
			t.Errorf("after a reset: %v", b.Next())
		}
		if next := backoff.New(time.Minute, time.Second).Next(); next != time.Second {
			t.Errorf("a first wait of %v, longer than the last", next)
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("why")
	cancel(why)
	if err := backoff.New(time.Hour, time.Hour).Wait(ctx); !errors.Is(err, why) {
		t.Errorf("error %v", err)
	}
}
