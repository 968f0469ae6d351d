package publish_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

func TestPublishedIsTheGreatestCommitOfTheTopics(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, nil)
		other := source.Name{Schema: "public", Table: "other"}
		want := func(want change.LSN, tables ...source.Name) {
			t.Helper()
			if err := p.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, err := p.Published(t.Context(), tables); err != nil || got != want {
				t.Fatalf("published %v, %v, want %v", got, err, want)
			}
		}
		publish := func(changes ...change.Change) {
			t.Helper()
			if err := p.Publish(t.Context(), changes); err != nil {
				t.Fatal(err)
			}
		}
		want(0, table, other)
		snapshot := row(events, 0, 0, 5, "")
		snapshot.Op = change.Snapshot
		publish(snapshot)
		want(0, table, other)
		epoch := change.LSN(change.NewVersion(3, 0))
		for i := range uint64(100) {
			publish(row(events, uint64(epoch)+i+1, 1, int64(i), ""))
		}
		publish(row(events, uint64(epoch)+60, 1, 60, "")) // repeated after a restart
		want(epoch+100, table, other)
		want(0, other)
		var rows []change.Change
		for i := range int64(60_000) { // of one partition and more than are looked at first
			snapshot.Values = []change.Value{change.IntegerValue(i), change.NullValue()}
			rows = append(rows, snapshot)
		}
		publish(rows...)
		want(epoch+100, table)

		produceRaw(t, b, topic, `{"op":"c","source":{"lsn":7,"snapshot":"false"}}`, `{"payload":{"source":{"lsn":9,"snapshot":"last"}}}`)
		want(epoch+100, table)
	})
}

func TestPublishedReadsDebeziumsMessages(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) { c.Kafka.Partitions = 1 })
		b.CreateTopic(t, topic, 1, nil)
		produceRaw(t, b, topic, `{"op":"r","source":{"lsn":99,"snapshot":"true"}}`)
		if got, err := p.Published(t.Context(), []source.Name{table}); err != nil || got != 0 {
			t.Fatalf("a snapshot: %v, %v", got, err)
		}
		produceRaw(t, b, topic, `{"op":"c","source":{"lsn":7,"snapshot":"false"}}`, "", `{"schema":{},"payload":{"op":"u","source":{"lsn":12}}}`)
		if got, err := p.Published(t.Context(), []source.Name{table}); err != nil || got != 12 {
			t.Fatalf("published %v, %v", got, err)
		}
		produceRaw(t, b, topic, "{")
		if got, err := p.Published(t.Context(), []source.Name{table}); err == nil {
			t.Fatalf("with a message that cannot be read: %v", got)
		}
	})
}

// produceRaw writes messages of others to partition 0; an empty one is a tombstone.
func produceRaw(t *testing.T, b *brokertest.Broker, topic string, values ...string) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Addr), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i, v := range values {
		r := &kgo.Record{Topic: topic, Key: []byte(fmt.Sprint(i))}
		if v != "" {
			r.Value = []byte(v)
		}
		if err := c.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}
