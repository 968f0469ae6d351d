package kafkaclient_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/process"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

func newClient(t *testing.T, cfg config.Kafka) *kafkaclient.Client {
	t.Helper()
	c, err := kafkaclient.New(cfg, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestTopicIsMadeOnceAndKeepsItsPartitions(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		c := newClient(t, config.Kafka{Brokers: []string{b.Addr}})
		topic := brokertest.Name(t)
		if _, err := c.Partitions(t.Context(), topic); !errors.Is(err, kafkaclient.ErrNoTopic) || !strings.Contains(err.Error(), topic) {
			t.Fatalf("before it exists: %v", err)
		}
		if n, err := c.EnsureTopic(t.Context(), topic, 3, 1); err != nil || n != 3 {
			t.Fatalf("made: %d partitions, %v", n, err)
		}
		if n, err := c.EnsureTopic(t.Context(), topic, 5, 1); err != nil || n != 3 {
			t.Fatalf("asked again for 5 partitions: %d, %v", n, err)
		}
		if n, err := c.Partitions(t.Context(), topic); err != nil || n != 3 {
			t.Fatalf("partitions: %d, %v", n, err)
		}
		if o, err := c.Offsets(t.Context(), topic, 2); err != nil || o != (kafkaclient.Offsets{}) {
			t.Fatalf("offsets of an empty partition: %+v, %v", o, err)
		}
		if ends, err := c.Ends(t.Context(), topic, 3); err != nil || !slices.Equal(ends, []int64{0, 0, 0}) {
			t.Fatalf("ends: %v, %v", ends, err)
		}
		if ends, err := c.Ends(t.Context(), topic, 4); err == nil && !slices.Equal(ends, []int64{0, 0, 0, -1}) {
			t.Fatalf("ends with a partition that is not there: %v", ends)
		}
		if _, err := c.Offsets(t.Context(), topic, 3); err == nil {
			t.Fatal("offsets of a partition that is not there")
		}
	})
}

func TestGroupThatNobodyHasJoined(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		c := newClient(t, config.Kafka{Brokers: []string{b.Addr}})
		topic := brokertest.Name(t)
		if _, err := c.EnsureTopic(t.Context(), topic, 2, 1); err != nil {
			t.Fatal(err)
		}
		group := brokertest.Name(t)
		commits, err := c.Committed(t.Context(), group, topic, 2)
		if err != nil || !slices.Equal(commits, []kafkaclient.Commit{{Offset: -1}, {Offset: -1}}) {
			t.Fatalf("%v, %v", commits, err)
		}
		want := kafkaclient.Commit{Offset: 7, Metadata: "a note"}
		if err := c.Commit(t.Context(), group, topic, 1, want); err != nil {
			t.Fatal(err)
		}
		if commits, err = c.Committed(t.Context(), group, topic, 2); err != nil || !slices.Equal(commits, []kafkaclient.Commit{{Offset: -1}, want}) {
			t.Fatalf("%v, %v", commits, err)
		}
	})
}

// Only members commit for a group that has any.
func TestGroupWithMembersIsLeftAlone(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		c := newClient(t, config.Kafka{Brokers: []string{b.Addr}})
		topic, group := b.Topic(t, 1, nil), b.Group(t)
		member, err := kgo.NewClient(kgo.SeedBrokers(b.Addr), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic))
		if err != nil {
			t.Fatal(err)
		}
		defer member.Close()
		if err := member.ProduceSync(t.Context(), &kgo.Record{Topic: topic}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := member.PollFetches(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if err := c.Commit(t.Context(), group, topic, 0, kafkaclient.Commit{Offset: 1}); !errors.Is(err, kafkaclient.ErrMembers) {
			t.Fatal(err)
		}
	})
}

func TestTopicThatTheBrokerRefuses(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		c := newClient(t, config.Kafka{Brokers: []string{b.Addr}})
		topic := brokertest.Name(t)
		_, err := c.EnsureTopic(t.Context(), topic, 1, 99)
		if err == nil || !strings.Contains(err.Error(), topic) || kafkaclient.IsRetriable(err) {
			t.Fatalf("got %v", err)
		}
	})
}

func TestUnreachableBrokerIsToldWithAddressAndReason(t *testing.T) {
	port, err := process.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	addr := net.JoinHostPort("127.0.0.1", itoa(port))
	c := newClient(t, config.Kafka{Brokers: []string{addr}})
	_, err = c.EnsureTopic(t.Context(), "events", 1, 1)
	if u := (*kafkaclient.UnreachableError)(nil); !errors.As(err, &u) {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{addr, syscall.ECONNREFUSED.Error(), "events"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not tell %q", err, part)
		}
	}
	if !kafkaclient.IsRetriable(err) {
		t.Error("it would not be tried again")
	}
}

func TestSilentBrokerIsToldToo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // connections are taken by the system, and nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c := newClient(t, config.Kafka{Brokers: []string{l.Addr().String()}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = c.Partitions(ctx, "events")
	if u := (*kafkaclient.UnreachableError)(nil); !errors.As(err, &u) || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Fatalf("got %v", err)
	}
}
