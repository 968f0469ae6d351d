package publish_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/publish"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// addPartitions has the topic grow to n.
func addPartitions(t *testing.T, b *brokertest.Broker, topic string, n int) {
	t.Helper()
	request := kmsg.NewPtrCreatePartitionsRequest()
	request.TimeoutMillis = 10_000
	rt := kmsg.NewCreatePartitionsRequestTopic()
	rt.Topic, rt.Count = topic, int32(n)
	request.Topics = append(request.Topics, rt)
	ask(t, b, func(c *kgo.Client) error {
		r, err := request.RequestWith(t.Context(), c)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(r.Topics[0].ErrorCode)
	})
}

// ask sends a request of an administrator's.
func ask(t *testing.T, b *brokertest.Broker, f func(*kgo.Client) error) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Addr))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := f(c); err != nil {
		t.Fatal(err)
	}
}

// TestAChangeAndItsRepeatsAreInOnePartition has the topic grow, and the publisher restart and so repeat changes, at
// random; at random, too, the answer is lost that a route is remembered.
func TestAChangeAndItsRepeatsAreInOnePartition(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		for seed := range uint64(8) {
			t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { repeatsWhileGrowing(t, b, seed) })
		}
	})
}

func repeatsWhileGrowing(t *testing.T, b *brokertest.Broker, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	prefix := brokertest.Name(t)
	remembered := &memory{fail: func() error {
		if rng.IntN(3) == 0 {
			return errors.New("the answer was lost")
		}
		return nil
	}}
	relations := []*change.Relation{events, keyless}
	changeAt := func(lsn uint64) change.Change {
		r := rand.New(rand.NewPCG(lsn, seed))
		c := row(relations[r.IntN(2)], lsn, 1, r.Int64N(60), "")
		if r.IntN(50) == 0 {
			c.Op, c.Values = change.Truncate, nil
		}
		return c
	}
	const n = 600
	partitions, written := 1+rng.IntN(3), uint64(0)
	var p running
	var topic string
	next := uint64(1) // to be published
	begin := func() {
		p, topic = startWith(t, b, remembered, func(c *config.Config) {
			c.Kafka.TopicPrefix, c.Kafka.Partitions, c.Producer.Linger = prefix, partitions, 0
		})
	}
	begin()
	confirmed := uint64(1)
	for restarts := 0; confirmed <= n; {
		switch written = max(written, min(n, next+rng.Uint64N(30))); rng.IntN(12) {
		case 0:
			p.stop()
			if err := <-p.ended; !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			confirmed = max(confirmed, uint64(p.Confirmed()))
			next = confirmed - rng.Uint64N(min(confirmed, 20)) // the slot may know of less
			begin()
			restarts++
		case 1:
			if next == 1 || partitions > 12 {
				break
			}
			partitions += 1 + rng.IntN(3)
			addPartitions(t, b, topic, partitions)
		case 2:
			remembered.atEnd(change.LSN(written + 1))
			p.client.Close() // what it knows of topics is a second old
			if err := p.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		case 3:
			if err := p.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			confirmed = max(confirmed, uint64(p.Confirmed()))
		default:
			remembered.atEnd(change.LSN(written + 1))
			for k := rng.IntN(20); k > 0 && next <= written; k-- {
				if err := p.Publish(t.Context(), []change.Change{changeAt(next)}); err != nil {
					t.Fatal(err)
				}
				next++
				p.Commit(change.LSN(next))
			}
		}
	}
	log := readLog(t, p, []string{b.Addr}, topic)
	checkPlaces(t, log, n)
	if routes, _ := remembered.Routes(t.Context(), table); len(routes) < 2 {
		t.Errorf("%d partitions, and the routes %v: this was no test", partitions, routes)
	}
}

var table = source.Name{Schema: "public", Table: "events"}

func TestATopicThatGrowsIsUsedInFull(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		remembered := &memory{}
		p, topic := startWith(t, b, remembered, func(c *config.Config) { c.Kafka.Partitions = 2 },
			func(p *publish.Publisher) { p.Impatient(50*time.Millisecond, time.Minute) })
		lsn := uint64(0)
		publish := func() {
			for range 50 {
				lsn++
				if err := p.Publish(t.Context(), []change.Change{row(events, lsn, 1, int64(lsn), "")}); err != nil {
					t.Fatal(err)
				}
			}
		}
		publish()
		addPartitions(t, b, topic, 6)
		eventually(t, func() bool {
			routes, _ := remembered.Routes(t.Context(), table)
			return len(routes) == 2 && routes[1] == state.Route{From: 51, Partitions: 6}
		})
		publish()
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		log := readLog(t, p, []string{b.Addr}, topic)
		checkPlaces(t, log, lsn)
		for id, messages := range log {
			if len(messages) == 0 {
				t.Errorf("partition %d holds nothing", id)
			}
		}
	})
}

// TestATableIsHeldWhileARouteMayBeRemembered has the source not answer that it remembers one.
func TestATableIsHeldWhileARouteMayBeRemembered(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		tries, answer := 0, false
		remembered := &memory{}
		p, topic := startWith(t, b, remembered, func(c *config.Config) { c.Kafka.Partitions = 1 })
		if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, "")}); err != nil {
			t.Fatal(err)
		}
		remembered.mu.Lock()
		remembered.fail = func() error {
			if tries++; !answer {
				return errors.New("no answer")
			}
			return nil
		}
		remembered.mu.Unlock()
		addPartitions(t, b, topic, 4)
		p.client.Close() // what it knows of topics is a second old
		looked := make(chan error, 1)
		go func() { looked <- p.Look(t.Context()) }()
		eventually(t, func() bool { remembered.mu.Lock(); defer remembered.mu.Unlock(); return tries > 1 })
		held, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		snapshot := row(events, 0, 0, 5, "")
		snapshot.Op = change.Snapshot
		if err := p.Publish(held, []change.Change{snapshot}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("published while a route may be remembered that is not known: %v", err)
		}
		remembered.mu.Lock()
		answer = true
		remembered.mu.Unlock()
		if err := <-looked; err != nil {
			t.Fatal(err)
		}
		if err := p.Publish(t.Context(), []change.Change{row(events, 2, 1, 1, "")}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestATopicThatLostPartitionsOrIsGoneIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		there int
		want  []string
	}{
		"fewer": {2, []string{"has 2 partitions", "over 4", "kafka-topics", "--alter", "--partitions 4", "producer snapshot public.events"}},
		"gone":  {0, []string{"is gone", "kafka-topics", "--create", "--partitions 4", "producer snapshot public.events"}},
	} {
		t.Run(name, func(t *testing.T) {
			brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
				remembered := &memory{routes: map[source.Name][]state.Route{table: {{From: 1, Partitions: 4}}}}
				prefix := brokertest.Name(t)
				if test.there > 0 {
					b.CreateTopic(t, prefix+".public.events", int32(test.there), nil)
				}
				p, topic := startWith(t, b, remembered, func(c *config.Config) { c.Kafka.TopicPrefix = prefix })
				err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, "")})
				if refusal := (*source.Refusal)(nil); !errors.As(err, &refusal) {
					t.Fatalf("got %v", err)
				}
				for _, part := range append(test.want, topic) {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not tell %q", err, part)
					}
				}
			})
		})
	}
}
