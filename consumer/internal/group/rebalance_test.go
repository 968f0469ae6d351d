package group_test

import (
	"cmp"
	"context"
	"errors"
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
	// unanswered are the ranges whose commits had no answer: each is there or not, as the claim after it tells.
	unanswered map[int][]offsets
	end        map[int]int64 // where the partition has come to
}

type offsets struct{ from, to int64 }

func (l *ledger) begin(partition int, offset int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end[partition] = max(l.end[partition], offset)
}

func (l *ledger) add(partition int, r offsets, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.ranges[partition] = append(l.ranges[partition], r)
		l.end[partition] = max(l.end[partition], r.to)
	case errors.Is(err, group.ErrUncertain):
		l.unanswered[partition] = append(l.unanswered[partition], r)
	}
}

// reached is the sum of the partitions' committed offsets.
func (l *ledger) reached() (sum int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range l.end {
		sum += end
	}
	return sum
}

// check checks that each partition was processed from its beginning to its end, and nothing of it twice.
func (l *ledger) check(t *testing.T) {
	t.Helper()
	for p, ranges := range l.ranges {
		slices.SortFunc(ranges, func(a, b offsets) int { return cmp.Compare(a.from, b.from) })
		at := int64(0)
		for _, r := range ranges {
			if r.from != at && !slices.Contains(l.unanswered[p], offsets{at, r.from}) {
				t.Fatalf("partition %d: %d to %d was processed after %d; unanswered: %v", p, r.from, r.to, at, l.unanswered[p])
			}
			at = r.to
		}
	}
}

// work processes whatever the partition has, and commits its end.
func (l *ledger) work(client *kafkaclient.Client) group.Worker {
	return func(ctx context.Context, cl *group.Claim) error {
		at := max(cl.Offset, 0)
		l.begin(cl.Partition, at)
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
			err = cl.Commit(ctx, o.Last, "some metadata")
			l.add(cl.Partition, offsets{at, o.Last}, err)
			if err != nil {
				return err
			}
			at = o.Last
		}
	}
}

// TestRebalancesLoseAndRepeatNothing has a group grow to six members and shrink again while records come in.
func TestRebalancesLoseAndRepeatNothing(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		const partitions, most, each = 12, 6, 300
		edit := func(c *group.Config) {}
		if b.Fake != nil {
			b = fakeBroker(t)
			edit = func(c *group.Config) { c.SessionTimeout = 2 * time.Second }
		}
		topic, id := b.Topic(t, partitions, nil), b.Group(t)
		client, err := kafkaclient.New(config.Kafka{Brokers: []string{b.Addr}}, "test")
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		l := ledger{ranges: map[int][]offsets{}, unanswered: map[int][]offsets{}, end: map[int]int64{}}
		load := produce(t, b.Addr, topic)

		var members []*member
		for i := range 2*most - 1 {
			if i < most {
				members = append(members, join(t, b.Addr, id, []string{topic}, options{edit: edit}, l.work(client)))
			} else {
				at := rand.IntN(len(members))
				members[at].leave()
				if s := members[at].Membership(); s.Partitions != 0 || s.Member != "" || len(members[at].Stopped()) != 0 {
					t.Errorf("a member that has left: %+v, stopped %v", s, members[at].Stopped())
				}
				members = slices.Delete(members, at, at+1)
			}
			load.send(each / 3)
			eventually(t, "an even share for each member", func() bool { return shares(members, partitions) })
			// Some progress between the changes, or nothing would be there to be lost.
			before := l.reached()
			load.send(each - each/3)
			eventually(t, "progress", func() bool { return l.reached() > before })
		}
		eventually(t, "everything", func() bool { return l.reached() == load.sent })
		for _, m := range members {
			m.leave()
		}
		l.check(t)
	})
}

// shares reports whether the members have all partitions among them, as many each as the others.
func shares(members []*member, partitions int) bool {
	sum := 0
	for _, m := range members {
		n := m.Membership().Partitions
		if n < partitions/len(members) || n > (partitions+len(members)-1)/len(members) {
			return false
		}
		sum += n
	}
	return sum == partitions
}

// producer is a load.
type producer struct {
	t      *testing.T
	client *kgo.Client
	sent   int64
}

func produce(t *testing.T, addr, topic string) *producer {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &producer{t: t, client: c}
}

func (p *producer) send(n int) {
	p.t.Helper()
	for range n {
		if err := p.client.ProduceSync(p.t.Context(), &kgo.Record{Value: []byte("value")}).FirstErr(); err != nil {
			p.t.Fatal(err)
		}
		p.sent++
	}
}
