package kafkaclient_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

func TestATopicIsDescribed(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		c := newClient(t, config.Kafka{Brokers: []string{b.Addr}})
		topic := brokertest.Name(t)
		if _, err := c.Describe(t.Context(), topic); !errors.Is(err, kafkaclient.ErrNoTopic) || !strings.Contains(err.Error(), topic) {
			t.Fatalf("before it exists: %v", err)
		}
		settings := []kafkaclient.Setting{{Name: "retention.ms", Value: "-1"}, {Name: "max.message.bytes", Value: "12345"}}
		if n, err := c.EnsureTopic(t.Context(), topic, 3, 1, settings...); err != nil || n != 3 {
			t.Fatalf("made: %d partitions, %v", n, err)
		}
		got, err := c.Describe(t.Context(), topic, "retention.ms", "max.message.bytes", "min.insync.replicas")
		want := map[string]string{"retention.ms": "-1", "max.message.bytes": "12345", "min.insync.replicas": "1"}
		if err != nil || got.Partitions != 3 || got.Replication != 1 || fmt.Sprint(got.Settings) != fmt.Sprint(want) {
			t.Fatalf("it is %+v, %v", got, err)
		}
	})
}

func TestReadGivesTheRecordsOfARange(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 1, nil)
		producer, err := kgo.NewClient(kgo.SeedBrokers(b.Addr), kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		if err != nil {
			t.Fatal(err)
		}
		defer producer.Close()
		const n = 40
		for i := range n { // 4 MB, of which a batch takes more than one answer would
			record := &kgo.Record{Value: fmt.Appendf(nil, "%d %s", i, strings.Repeat("x", 100_000))}
			if err := producer.ProduceSync(t.Context(), record).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		c := newClient(t, config.Kafka{Brokers: []string{b.Addr}})
		for _, r := range [][2]int64{{0, n}, {17, 31}, {n - 1, n}, {5, 5}} {
			var got, want []int64
			err := c.Read(t.Context(), topic, 0, r[0], r[1], func(record *kafkaclient.Record) error {
				if !strings.HasPrefix(string(record.Value), fmt.Sprint(record.Offset, " ")) {
					t.Errorf("offset %d holds %.10q", record.Offset, record.Value)
				}
				got = append(got, record.Offset)
				return nil
			})
			for o := r[0]; o < r[1]; o++ {
				want = append(want, o)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v: got %v, %v", r, got, err)
			}
		}
		stop := errors.New("enough")
		if err := c.Read(t.Context(), topic, 0, 3, n, func(*kafkaclient.Record) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("got %v", err)
		}
		if err := c.Read(t.Context(), topic, 0, n+9, n+10, nil); err == nil || !strings.Contains(err.Error(), topic) {
			t.Errorf("behind the end: %v", err)
		}
	})
}
