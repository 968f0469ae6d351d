package brokertest_test

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
)

func TestMain(m *testing.M) { brokertest.Main(m) }

func TestTopicIsServedAtOnce(t *testing.T) {
	brokertest.NoLeak(t)
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 3, map[string]string{"cleanup.policy": "compact"})
		client, err := kgo.NewClient(
			kgo.SeedBrokers(b.Addr),
			kgo.ConsumerGroup(b.Group(t)),
			kgo.ConsumeTopics(topic),
			kgo.RecordPartitioner(kgo.ManualPartitioner()),
		)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		for p := range int32(3) {
			r := &kgo.Record{Topic: topic, Partition: p, Key: []byte("k"), Value: []byte("v")}
			if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		got := map[int32]int{}
		for len(got) < 3 {
			fetches := client.PollFetches(t.Context())
			if err := fetches.Err(); err != nil {
				t.Fatal(err)
			}
			fetches.EachRecord(func(r *kgo.Record) { got[r.Partition]++ })
		}
	})
}

func TestFaultsAreForTheFakeAlone(t *testing.T) {
	brokertest.NoLeak(t)
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if (b.Fake != nil) != (b.Kind == brokertest.Fake) {
			t.Errorf("a broker of kind %s has Fake %v", b.Kind, b.Fake)
		}
	})
}

func TestNamesAreUniqueAndValid(t *testing.T) {
	t.Run("with/odd characters: ü_."+strings.Repeat("x", 300), func(t *testing.T) {
		a, b := brokertest.Name(t), brokertest.Name(t)
		if a == b {
			t.Errorf("%s was given twice", a)
		}
		if len(a) > 249 || strings.Trim(a, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			t.Errorf("%s is no name for a topic", a)
		}
	})
}
