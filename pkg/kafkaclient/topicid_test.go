package kafkaclient_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

// A topic's id is what another client sees, and that of a topic made anew is another.
func TestTopicID(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 3, nil)
		foreign, err := kgo.NewClient(kgo.SeedBrokers(b.Addr))
		if err != nil {
			t.Fatal(err)
		}
		defer foreign.Close()
		c := newClient(t, config.Kafka{Brokers: []string{b.Addr}})
		first, err := c.TopicID(t.Context(), topic)
		if want := idOf(t, foreign, topic); err != nil || first != want || first == "" {
			t.Fatalf("its id is %q (%v), and another client sees %q", first, err, want)
		}
		if again, err := c.TopicID(t.Context(), topic); err != nil || again != first {
			t.Fatalf("asked again, its id is %q (%v), and it was %q", again, err, first)
		}
		remove(t, foreign, topic)
		end := time.Now().Add(time.Minute) // a broker answers a removal before it knows of it itself
		for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
			id, err := c.TopicID(t.Context(), topic)
			if errors.Is(err, kafkaclient.ErrNoTopic) && strings.Contains(err.Error(), topic) {
				break
			}
			if err != nil || id != first || time.Now().After(end) {
				t.Fatalf("a topic that is gone: %q, %v", id, err)
			}
		}
		b.CreateTopic(t, topic, 3, nil)
		second, err := c.TopicID(t.Context(), topic)
		if want := idOf(t, foreign, topic); err != nil || second != want || second == first {
			t.Fatalf("made anew, its id is %q (%v), it was %q, and another client sees %q", second, err, first, want)
		}
		if n, err := c.Partitions(t.Context(), topic); err != nil || n != 3 {
			t.Fatalf("the connection is of no use afterwards: %d, %v", n, err)
		}
	})
}

// An old broker's topics have no id, which is no error.
func TestTopicIDOfAnOldBroker(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka is as old as it is")
		}
		topic := b.Topic(t, 1, nil)
		b.Fake.Cluster().ControlKey(int16(kmsg.ApiVersions), func(r kmsg.Request) (kmsg.Response, error, bool) {
			b.Fake.Cluster().KeepControl()
			if r.GetVersion() != 0 {
				return nil, nil, false
			}
			answer := kmsg.NewPtrApiVersionsResponse()
			answer.ApiKeys = []kmsg.ApiVersionsResponseApiKey{{ApiKey: int16(kmsg.Metadata), MaxVersion: 9}}
			return answer, nil, true
		})
		c := newClient(t, config.Kafka{Brokers: []string{b.Addr}})
		if id, err := c.TopicID(t.Context(), topic); err != nil || id != "" {
			t.Fatalf("%q, %v", id, err)
		}
	})
}

func idOf(t *testing.T, c *kgo.Client, topic string) string {
	t.Helper()
	r := kmsg.NewPtrMetadataRequest()
	r.Topics = []kmsg.MetadataRequestTopic{{Topic: &topic}}
	answer, err := r.RequestWith(t.Context(), c)
	if err != nil || len(answer.Topics) != 1 {
		t.Fatal(err, answer)
	}
	return base64.RawURLEncoding.EncodeToString(answer.Topics[0].TopicID[:])
}

func remove(t *testing.T, c *kgo.Client, topic string) {
	t.Helper()
	r := kmsg.NewPtrDeleteTopicsRequest()
	r.TopicNames = []string{topic}
	r.Topics = []kmsg.DeleteTopicsRequestTopic{{Topic: &topic}}
	answer, err := r.RequestWith(t.Context(), c)
	if err == nil && len(answer.Topics) == 1 {
		err = kerr.ErrorForCode(answer.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}
