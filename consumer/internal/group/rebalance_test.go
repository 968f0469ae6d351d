package group_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
	"eventsync/consumer/internal/group"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

// ledger holds what was processed: ranges of offsets whose end was committed.
type ledger struct {
	mu     sync.Mutex
	ranges map[int][]offsets // by partition
}

type offsets struct{ from, to int64 }

func (l *ledger) add(partition int, r offsets) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ranges == nil {
		l.ranges = map[int][]offsets{}
	}
	l.ranges[partition] = append(l.ranges[partition], r)
}

// reached is the sum of the partitions' committed offsets.
func (l *ledger) reached() (sum int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ranges := range l.ranges {
		end := int64(0)
		for _, r := range ranges {
			end = max(end, r.to)
		}
		sum += end
	}
	return sum
}

// work processes whatever the partition has, and commits its end.
func (l *ledger) work(client *kafkaclient.Client) group.Worker {
	return func(ctx context.Context, cl *group.Claim) error {
		at := max(cl.Offset, 0)
		for {
			o, err := client.Offsets(ctx, cl.Topic, cl.Partition)
			if err != nil {
				return err
			}
			if o.Last == at {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(time.Millisecond):
				}
				continue
			}
			if err := cl.Commit(ctx, o.Last, "some metadata"); err != nil {
				return err
			}
			l.add(cl.Partition, offsets{at, o.Last})
			at = o.Last
		}
	}
}

// TestRebalancesLoseAndRepeatNothing has members join and leave at random while records come in.
func TestRebalancesLoseAndRepeatNothing(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		const partitions, records, changes = 6, 3000, 8
		edit := func(c *group.Config) {}
		if b.Fake != nil {
			b = fakeBroker(t)
			edit = func(c *group.Config) { c.SessionTimeout = 500 * time.Millisecond }
		}
		topic, id := b.Topic(t, partitions, nil), b.Group(t)
		client, err := kafkaclient.New(config.Kafka{Brokers: []string{b.Addr}}, "test")
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		producer, err := kgo.NewClient(kgo.SeedBrokers(b.Addr), kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
		if err != nil {
			t.Fatal(err)
		}
		defer producer.Close()

		var l ledger
		var members []*member
		rng := rand.New(rand.NewPCG(1, 2))
		for sent := 0; sent < records; sent++ {
			if err := producer.ProduceSync(t.Context(), &kgo.Record{Value: []byte("value")}).FirstErr(); err != nil {
				t.Fatal(err)
			}
			if sent%(records/changes) != 0 {
				continue
			}
			if n := len(members); n == 3 || n > 1 && rng.IntN(2) == 0 {
				i := rng.IntN(n)
				members[i].leave()
				members = slices.Delete(members, i, i+1)
			} else {
				members = append(members, join(t, b.Addr, id, []string{topic}, options{edit: edit}, l.work(client)))
			}
			// Some progress between the changes, or nothing would be there to be lost.
			before := l.reached()
			eventually(t, "progress", func() bool { return l.reached() > before || before == int64(sent+1) })
		}
		eventually(t, "everything", func() bool { return l.reached() == records })
		for _, m := range members {
			m.leave()
		}
		for p, ranges := range l.ranges {
			slices.SortFunc(ranges, func(a, b offsets) int { return cmp.Compare(a.from, b.from) })
			at := int64(0)
			for _, r := range ranges {
				if r.from != at {
					t.Fatalf("partition %d: %d to %d was processed after %d", p, r.from, r.to, at)
				}
				at = r.to
			}
		}
	})
}
