package partition

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, start := NewLanes(2, time.Second), time.Now()
		at := func(want time.Duration, what string) {
			t.Helper()
			if got := time.Since(start); got != want {
				t.Errorf("%s after %v, want %v", what, got, want)
			}
		}
		first := l.take(t.Context(), large)
		l.take(t.Context(), large)
		at(0, "two lanes were taken")
		l.take(t.Context(), large-1)()
		at(0, "a small batch went")
		late := l.take(t.Context(), large)
		at(time.Second, "a batch went without a lane")
		late()
		time.AfterFunc(100*time.Millisecond, first)
		again := l.take(t.Context(), large)
		at(1100*time.Millisecond, "a lane that was left was taken")
		again()
		l.take(t.Context(), large)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		l.take(ended, large)()
		at(1100*time.Millisecond, "a generation that is over does not wait")
	})
	var none *Lanes
	none.take(t.Context(), large)()
}
