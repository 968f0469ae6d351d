package publish_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/config"
)

// noise is text that does not compress.
func noise(size int) string {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{})
	_, _ = r.Read(b)
	return string(b)
}

// readRaw reads, as a foreign client, the first n messages of partition 0.
func readRaw(t *testing.T, b *brokertest.Broker, topic string, n int) (records []*kgo.Record) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Addr), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for len(records) < n {
		fetched := c.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			t.Fatal(err)
		}
		records = append(records, fetched.Records()...)
	}
	return records
}

func TestAChangeThatIsTooLargeGoesToTheDeadLetters(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) { c.Kafka.Partitions = 1 })
		wide := &change.Relation{Schema: "public", Table: "events", Columns: append(events.Columns[:2:2],
			change.Column{Name: "more", Type: change.TypeText, SourceType: "text"}, change.Column{Name: "n", Type: change.TypeInt64, SourceType: "bigint"})}
		large := row(wide, 2, 1, 42, "a small note")
		large.Version = change.NewVersion(3, 77)
		large.Values = append(large.Values, change.TextValue([]byte(noise(1200<<10))), change.IntegerValue(5))
		if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, ""), large, row(events, 3, 1, 42, "")}); err != nil {
			t.Fatal(err)
		}
		p.Commit(4)
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := p.Stats(); p.Confirmed() != 4 || s.DeadLetters != 1 {
			t.Errorf("confirmed %v, %+v", p.Confirmed(), s)
		}
		log := readLog(t, p, []string{b.Addr}, topic)
		if taken := readByTheRule(t, log)[0]; len(taken) != 2 || taken[1].position.Commit != 3 || taken[1].previous.Commit != 1 {
			t.Errorf("a reader takes %v", taken)
		}
		letters := strings.TrimSuffix(topic, ".public.events") + ".dead_letters"
		letter := readRaw(t, b, letters, 1)[0]
		headers := map[string]string{}
		for _, h := range letter.Headers {
			headers[strings.TrimPrefix(h.Key, "eventsync.")] = string(h.Value)
		}
		size := headers["size"]
		delete(headers, "size")
		want := map[string]string{
			"reason": "oversize", "topic": topic, "partition": "0", "table": "public.events", "position": "0/2+1",
			"version": fmt.Sprint(uint64(large.Version)), "epoch": "3", "op": "insert", "limit": "1048588",
		}
		if string(letter.Key) != `{"id":42}` || fmt.Sprint(headers) != fmt.Sprint(want) || len(size) != len("1228800") {
			t.Errorf("key %s, size %s, headers %v, want %v", letter.Key, size, headers, want)
		}
		var d codec.Decoder
		var m codec.Message
		if err := d.Decode(letter.Value, &m); err != nil {
			t.Fatal(err)
		}
		if m.Version != large.Version || m.Position != large.Position || m.Values[0].Integer() != 42 || string(m.Values[1].Bytes) != "a small note" ||
			m.Values[2].Kind != change.Unavailable || m.Values[3].Integer() != 5 {
			t.Errorf("the letter holds %+v", m)
		}
		if is, err := p.client.Describe(t.Context(), letters, "retention.ms"); err != nil || is.Partitions != 1 || is.Settings["retention.ms"] != "-1" {
			t.Errorf("the topic of dead letters is %+v, %v", is, err)
		}
	})
}

// TestNothingIsConfirmedBeforeItsDeadLetter has the broker refuse dead letters for a while.
func TestNothingIsConfirmedBeforeItsDeadLetter(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka fails nothing on demand")
		}
		p, topic := start(t, b, func(c *config.Config) { c.Kafka.Partitions = 1 })
		fault := b.Fake.Cluster().Fault(kfake.Fault{
			Keys: []kmsg.Key{kmsg.Produce}, Count: -1, Err: kerr.NotEnoughReplicas,
			Topic: strings.TrimSuffix(topic, ".public.events") + ".dead_letters",
		})
		if err := p.Publish(t.Context(), []change.Change{row(events, 2, 1, 42, noise(1200<<10)), row(events, 3, 1, 42, "")}); err != nil {
			t.Fatal(err)
		}
		p.Commit(4)
		eventually(t, func() bool { return p.Stats().Retries > 3 && p.Stats().Records == 1 })
		if got := p.Confirmed(); got != 0 {
			t.Fatalf("confirmed %v without the dead letter", got)
		}
		fault.Remove()
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := p.Confirmed(); got != 4 {
			t.Errorf("confirmed %v", got)
		}
	})
}

func TestDeadLettersAreProtobufWhateverTheFormat(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) {
			c.Kafka.Partitions, c.Producer.Format, c.Postgres.DSN = 1, "debezium-json", "postgres://u@127.0.0.1/d"
		})
		deleted := row(events, 2, 1, 42, strings.Repeat(noise(100), 30_000)+noise(1200<<10))
		deleted.Op = change.Delete // which is two messages
		if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, ""), deleted, row(events, 3, 1, 3, "")}); err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := p.Stats(); s.DeadLetters != 1 || s.Records != 3 {
			t.Errorf("%+v", s)
		}
		for _, r := range readRaw(t, b, topic, 2) {
			if len(r.Value) == 0 || r.Value[0] != '{' {
				t.Errorf("the topic holds %q", r.Value)
			}
		}
		var d codec.Decoder
		var m codec.Message
		letter := readRaw(t, b, strings.TrimSuffix(topic, ".public.events")+".dead_letters", 1)[0]
		if err := d.Decode(letter.Value, &m); err != nil || m.Op != change.Delete || m.Values[0].Integer() != 42 || m.Values[1].Kind != change.Unavailable {
			t.Errorf("the letter holds %+v, %v", m, err)
		}
	})
}
