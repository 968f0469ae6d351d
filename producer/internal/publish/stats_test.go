package publish_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/producer/internal/publish"
)

// seen is an Observer.
type seen struct{ count, sum atomic.Int64 }

func (s *seen) Observe(v float64) {
	s.count.Add(1)
	s.sum.Add(int64(v * 1e6))
}

// Stats tells what waits, and for how long, while the broker takes nothing; and nothing of it once it is acknowledged.
func TestStatsTellWhatWaits(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka fails nothing on demand")
		}
		statsTellWhatWaits(t, b)
	})
}

func statsTellWhatWaits(t *testing.T, b *brokertest.Broker) {
	var latency, sizes seen
	p, _ := startWith(t, b, &memory{}, nil, func(p *publish.Publisher) { p.Observe(&latency, &sizes) })
	if s := p.Stats(); !s.Waiting.IsZero() || !s.Oldest.IsZero() || !s.Newest.IsZero() || len(s.Tables) != 0 {
		t.Errorf("at the start: %+v", s)
	}
	stalled := b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Count: -1, Err: kerr.NotEnoughReplicas})
	read := row(events, 0, 0, 1, "")
	read.Op, read.CommitTime = change.Snapshot, 5_000_000
	began := time.Now()
	give := func(changes ...change.Change) {
		t.Helper()
		if err := p.Publish(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
	}
	give(read)
	for p.Stats().Retries == 0 { // as long as the test may take
		<-time.After(time.Millisecond)
	}
	if s := p.Stats(); s.Waiting.Before(began) || !s.Oldest.IsZero() {
		t.Errorf("with a row of a snapshot: %+v", s)
	}
	first, second := row(events, 1, 1, 1, ""), row(events, 2, 1, 1, "")
	first.CommitTime, second.CommitTime = 6_000_000, 7_000_000
	second.Op = change.Delete
	give(first, second)
	if s := p.Stats(); s.Waiting.Before(began) || !s.Oldest.Equal(time.Unix(6, 0)) || !s.Newest.IsZero() {
		t.Errorf("with streamed changes behind it: %+v", s)
	}
	stalled.Remove()
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := p.Stats()
	if !s.Waiting.IsZero() || !s.Oldest.IsZero() || !s.Newest.Equal(time.Unix(7, 0)) || s.Records != 3 {
		t.Errorf("when all is acknowledged: %+v", s)
	}
	want := publish.TableStats{Table: "public.events"}
	want.Changes[change.Snapshot], want.Changes[change.Insert], want.Changes[change.Delete] = 1, 1, 1
	if !slices.Equal(s.Tables, []publish.TableStats{want}) {
		t.Errorf("counted are %v", s.Tables)
	}
	if latency.count.Load() != 2 || latency.sum.Load() <= 0 || sizes.count.Load() != int64(s.Batches) || sizes.sum.Load() != int64(s.Bytes)*1e6 {
		t.Errorf("observed are %d rounds, %d batches of %d µB; counted %+v", latency.count.Load(), sizes.count.Load(), sizes.sum.Load(), s)
	}
}
