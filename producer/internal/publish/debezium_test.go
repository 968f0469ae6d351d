package publish_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
)

// What a foreign client sees of Debezium's format, tombstones and headers included.
func TestDebeziumFormat(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) {
			c.Postgres.DSN = "postgres://someone@127.0.0.1/shop"
			c.Producer.Format = "debezium-json"
			c.Kafka.Partitions = 1
		})
		deleted, inserted := row(events, 2, 1, 1, "a"), row(events, 2, 2, 2, "a")
		deleted.Op, deleted.Version = change.Delete, inserted.Version
		truncate := change.Change{Relation: events, Op: change.Truncate, Version: 900, Position: change.Position{Commit: 3, Sequence: 1}}
		if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, "a"), deleted, inserted, truncate}); err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		c, err := kgo.NewClient(kgo.SeedBrokers(b.Addr), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		want := []string{
			`{"id":1} c db=shop`, `{"id":1} d db=shop __debezium.newkey={"id":2}`, `{"id":1} null __debezium.newkey={"id":2}`,
			`{"id":2} c db=shop __debezium.oldkey={"id":1}`, `null t db=shop`,
		}
		var got []string
		for len(got) < len(want) {
			fetched := c.PollFetches(t.Context())
			if err := fetched.Err(); err != nil {
				t.Fatal(err)
			}
			for _, r := range fetched.Records() {
				got = append(got, describe(t, r))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("messages\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func describe(t *testing.T, r *kgo.Record) string {
	t.Helper()
	text, value := "null", "null"
	if r.Key != nil {
		text = string(r.Key)
	}
	if r.Value != nil {
		var envelope struct {
			Op     string
			Source struct{ DB string }
		}
		if err := json.Unmarshal(r.Value, &envelope); err != nil {
			t.Fatal(err)
		}
		value = envelope.Op + " db=" + envelope.Source.DB
	}
	text += " " + value
	for _, h := range r.Headers {
		if !strings.HasPrefix(h.Key, "__debezium.context.") {
			text += " " + h.Key + "=" + string(h.Value)
		}
	}
	return text
}
