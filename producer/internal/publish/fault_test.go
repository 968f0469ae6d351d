package publish_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/publish"
	"eventsync/producer/internal/source"
)

// TestAPartitionThatFailsStopsWhatFollows has the broker fail one partition, for a while, in every way that may pass.
// The disk that is full is KAFKA_STORAGE_ERROR.
func TestAPartitionThatFailsStopsWhatFollows(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka fails nothing on demand")
		}
		for _, e := range passing {
			t.Run(e.Message, func(t *testing.T) {
				p, topic := start(t, b, func(c *config.Config) { c.Producer.Linger = 0 })
				const n = 40
				commit := uint64(0)
				publish := func() {
					for range n {
						commit++
						if err := p.Publish(t.Context(), []change.Change{row(events, commit, 1, int64(commit), "")}); err != nil {
							t.Fatal(err)
						}
						p.Commit(change.LSN(commit + 1))
					}
				}
				publish()
				if err := p.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				fault := b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Partitions: []int32{2}, Count: -1, Err: e})
				publish()
				eventually(t, func() bool { return p.Stats().Retries >= 3 })
				failing := p.Confirmed()
				publish() // for a later round
				retries := p.Stats().Retries
				eventually(t, func() bool { return p.Stats().Retries >= retries+2 })
				if got := p.Confirmed(); got != failing || got > 2*n {
					t.Errorf("confirmed %v, and then %v", failing, got)
				}
				for id, messages := range readLog(t, p, []string{b.Addr}, topic) {
					for _, m := range messages {
						if m.position.Commit > 2*n {
							t.Fatalf("partition %d holds the change at %v, which follows what failed", id, m.position)
						}
					}
				}
				if waiting := p.Stats().Waiting; waiting.IsZero() {
					t.Error("something waits, and it is not told since when")
				}
				fault.Remove()
				if err := p.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := p.Confirmed(); got != 3*n+1 {
					t.Errorf("confirmed %v", got)
				}
				checkPlaces(t, readLog(t, p, []string{b.Addr}, topic), 3*n)
			})
		}
	})
}

func TestABatchThatIsAlwaysCorruptIsRefused(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka fails nothing on demand")
		}
		for count, want := range map[int]error{3: nil, 20: kafka.InvalidMessage} {
			p, topic := start(t, b, nil)
			b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Count: count, Err: kerr.CorruptMessage})
			if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, "")}); err != nil {
				t.Fatal(err)
			}
			if err := p.Flush(t.Context()); !errors.Is(err, want) {
				t.Errorf("corrupt %d times: %v", count, err)
			}
		}
	})
}

func TestAPermissionThatIsMissingIsToldWithTheCommand(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka is run without permissions")
		}
		for _, key := range []kmsg.Key{kmsg.Produce, kmsg.CreateTopics} {
			p, topic := start(t, b, func(c *config.Config) { c.Kafka.SASL.Username = "sync" })
			fault := b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{key}, Topic: topic, Count: -1, Err: kerr.TopicAuthorizationFailed})
			err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, "")})
			if err == nil {
				err = p.Flush(t.Context())
			}
			fault.Remove()
			refusal := (*source.Refusal)(nil)
			if !errors.As(err, &refusal) || !errors.Is(err, kafka.TopicAuthorizationFailed) {
				t.Fatalf("%v: %v", key.Name(), err)
			}
			for _, part := range []string{"kafka-acls --bootstrap-server " + b.Addr, "User:sync", "--topic " + topic} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not tell %q", err, part)
				}
			}
		}
	})
}

// TestATopicThatGoesAwayIsRefused deletes the topic, and makes another of that name, between two rounds.
func TestATopicThatGoesAwayIsRefused(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		for name, test := range map[string]struct {
			patience time.Duration // brokers do not know of a new topic at once
			anew     int32
			want     []string
		}{
			"deleted":   {100 * time.Millisecond, 0, []string{"is gone", "--create"}},
			"made anew": {time.Minute, 4, []string{"offset 0 was given a second time"}},
		} {
			t.Run(name, func(t *testing.T) {
				p, topic := startWith(t, b, &memory{}, nil, func(p *publish.Publisher) { p.Impatient(time.Hour, test.patience) })
				if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, "")}); err != nil {
					t.Fatal(err)
				}
				p.Commit(2)
				if err := p.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				deleteTopic(t, b, topic)
				if test.anew > 0 {
					b.CreateTopic(t, topic, test.anew, nil)
				}
				if err := p.Publish(t.Context(), []change.Change{row(events, 2, 1, 1, "")}); err != nil {
					t.Fatal(err)
				}
				p.Commit(3)
				err := p.Flush(t.Context())
				if refusal := (*source.Refusal)(nil); !errors.As(err, &refusal) {
					t.Fatalf("got %v", err)
				}
				for _, part := range append(test.want, topic, "producer snapshot public.events") {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not tell %q", err, part)
					}
				}
				if got := p.Confirmed(); got != 2 {
					t.Errorf("confirmed %v", got)
				}
			})
		}
	})
}

func deleteTopic(t *testing.T, b *brokertest.Broker, topic string) {
	t.Helper()
	request := kmsg.NewPtrDeleteTopicsRequest()
	request.TimeoutMillis = 10_000
	rt := kmsg.NewDeleteTopicsRequestTopic()
	rt.Topic = &topic
	request.Topics, request.TopicNames = append(request.Topics, rt), []string{topic}
	ask(t, b, func(c *kgo.Client) error {
		r, err := request.RequestWith(t.Context(), c)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(r.Topics[0].ErrorCode)
	})
	// Metadata lags behind.
	ask(t, b, func(c *kgo.Client) error {
		m := kmsg.NewPtrMetadataRequest()
		rt := kmsg.NewMetadataRequestTopic()
		rt.Topic = &topic
		m.Topics = append(m.Topics, rt)
		var err error
		eventually(t, func() bool {
			var r *kmsg.MetadataResponse
			r, err = m.RequestWith(t.Context(), c)
			return err == nil && slices.ContainsFunc(r.Topics, func(rt kmsg.MetadataResponseTopic) bool { return rt.ErrorCode == kerr.UnknownTopicOrPartition.Code })
		})
		return err
	})
}
