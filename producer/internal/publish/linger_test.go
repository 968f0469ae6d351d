package publish_test

import (
	"context"
	"testing"
	"time"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
)

// A change that comes alone goes at once, however long the linger, and the one after it waits for others, but a Flush.
func TestALoneChangeDoesNotLinger(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, _ := start(t, b, func(c *config.Config) { c.Producer.Linger = time.Hour })
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		publish := func(place uint64) {
			if err := p.Publish(ctx, []change.Change{row(events, place, 1, int64(place), "")}); err != nil {
				t.Fatal(err)
			}
			p.Commit(change.LSN(place + 1))
		}
		publish(1)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for p.Confirmed() != 2 {
			select {
			case <-tick.C:
			case <-ctx.Done():
				t.Fatal("the lone change was not published")
			}
		}
		publish(2)
		publish(3)
		if got := p.Confirmed(); got != 2 {
			t.Errorf("confirmed %v: the second change did not wait for others", got)
		}
		if err := p.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		if got := p.Confirmed(); got != 4 {
			t.Errorf("confirmed %v after a flush, want everything", got)
		}
	})
}
