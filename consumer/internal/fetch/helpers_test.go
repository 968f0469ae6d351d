package fetch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"

	"eventsync/compose/local/brokertest"
	"eventsync/consumer/internal/fetch"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

func newFactory(t *testing.T, b *brokertest.Broker) *fetch.Factory {
	t.Helper()
	client, err := kafkaclient.New(config.Kafka{Brokers: []string{b.Addr}}, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return fetch.NewFactory(client, zap.NewNop())
}

func open(t *testing.T, b *brokertest.Broker, topic string, offset int64) *fetch.Reader {
	t.Helper()
	r := newFactory(t, b).Open(topic, 0, offset)
	t.Cleanup(r.Close)
	return r
}

// foreign is a client of another make.
func foreign(t *testing.T, b *brokertest.Broker, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(opts, kgo.SeedBrokers(b.Addr), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func produce(t *testing.T, c *kgo.Client, topic string, values ...string) {
	t.Helper()
	records := make([]*kgo.Record, len(values))
	for i, v := range values {
		records[i] = &kgo.Record{Topic: topic, Key: []byte(v[:1]), Value: []byte(v)}
	}
	if err := c.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func numbered(word string, n int) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprintf("%s %d", word, i)
	}
	return values
}

// readUntil reads until the offset is reached, and gives "offset value" for each record.
func readUntil(t *testing.T, r *fetch.Reader, end int64) (got []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for r.Offset() < end {
		records, err := r.Read(ctx)
		if err != nil {
			t.Fatalf("at offset %d of %d: %v", r.Offset(), end, err)
		}
		for _, rec := range records {
			got = append(got, fmt.Sprintf("%d %s", rec.Offset, rec.Value))
		}
	}
	return got
}
