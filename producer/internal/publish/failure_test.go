package publish_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/publish"
)

func TestAChangeThatIsTooLargeIsToldWithWhatToDo(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) { c.Kafka.Partitions, c.Producer.Oversize = 1, "stop" })
		fits := row(events, 1, 1, 1, strings.Repeat("compresses well ", 200_000))
		if err := p.Publish(t.Context(), []change.Change{fits}); err != nil {
			t.Fatalf("3 MB that compress to little: %v", err)
		}
		random := make([]byte, 1200<<10)
		r := rand.NewChaCha8([32]byte{})
		_, _ = r.Read(random)
		err := p.Publish(t.Context(), []change.Change{row(events, 2, 1, 42, string(random)), row(events, 3, 1, 3, "")})
		tooLarge := (*publish.OversizeError)(nil)
		if !errors.As(err, &tooLarge) {
			t.Fatalf("got %v", err)
		}
		for _, part := range []string{topic, `{"id":42}`, "0/2+1", "ALTER PUBLICATION"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not tell %q", err, part)
			}
		}
		if err := p.Publish(t.Context(), []change.Change{row(events, 4, 1, 4, "")}); !errors.As(err, &tooLarge) {
			t.Errorf("the next: %v", err)
		}
		if err := <-p.ended; !errors.As(err, &tooLarge) {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func TestEndOfTheContextDoesNotLoseAChangeInSilence(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, _ := start(t, b, nil)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		snapshot := row(events, 0, 0, 5, "")
		snapshot.Op = change.Snapshot
		if err := p.Publish(ended, []change.Change{snapshot}); !errors.Is(err, context.Canceled) {
			t.Fatalf("a snapshot's row: %v", err)
		}
		if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, "")}); err != nil {
			t.Fatalf("after a snapshot that was given up: %v", err)
		}
		// Another relation, whose topic has to be made.
		other := &change.Relation{Schema: "public", Table: "other", Columns: events.Columns}
		if err := p.Publish(ended, []change.Change{row(other, 2, 1, 1, "")}); !errors.Is(err, context.Canceled) {
			t.Fatalf("a streamed change: %v", err)
		}
		if err := p.Publish(t.Context(), []change.Change{row(events, 3, 1, 1, "")}); !errors.Is(err, context.Canceled) {
			t.Fatalf("after a streamed change was not taken: %v", err)
		}
	})
}

// TestNothingLaterIsPublishedAfterAFailure has the broker refuse one partition for good at a random time.
func TestNothingLaterIsPublishedAfterAFailure(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka refuses nothing on demand")
		}
		for seed := range uint64(10) {
			p, topic := start(t, b, func(c *config.Config) { c.Producer.Linger = 0 })
			rng := rand.New(rand.NewPCG(seed, 1))
			after := rng.IntN(20)
			fault := b.Fake.Cluster().Fault(kfake.Fault{
				Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Partitions: []int32{int32(rng.IntN(4))}, Count: -1, Err: kerr.TopicAuthorizationFailed,
				When: func(kmsg.Request) bool { after--; return after < 0 },
			})
			var err error
			sent := uint64(0)
			for err == nil {
				sent++
				err = p.Publish(t.Context(), []change.Change{row(events, sent, 1, rng.Int64N(100), "")})
				p.Commit(change.LSN(sent + 1))
			}
			if !errors.Is(err, kafka.TopicAuthorizationFailed) || !strings.Contains(err.Error(), topic) {
				t.Fatalf("Publish: %v", err)
			}
			if err := <-p.ended; !errors.Is(err, kafka.TopicAuthorizationFailed) {
				t.Fatalf("Run: %v", err)
			}
			if err := p.Flush(t.Context()); !errors.Is(err, kafka.TopicAuthorizationFailed) {
				t.Fatalf("Flush: %v", err)
			}
			fault.Remove()
			log := readLog(t, p, []string{b.Addr}, topic)
			readByTheRule(t, log)
			checkConfirmed(t, log, p.Confirmed())
		}
	})
}
