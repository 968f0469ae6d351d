package deadletter_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
	"eventsync/consumer/internal/deadletter"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient/recordbatch"
)

var relation = &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{
	{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true}, {Name: "s", Type: change.TypeText, SourceType: "text"},
}}

// row is a message of a change in the middle of the chain.
func row(id int64, s string) []byte {
	return message(id, s, change.Position{Commit: 9, Sequence: 3}, change.Position{Commit: 9, Sequence: 2})
}

func message(id int64, s string, at, previous change.Position) []byte {
	var e codec.Encoder
	return e.Append(nil, &change.Change{
		Relation: relation, Op: change.Update, Version: 77, Position: at, CommitTime: 1,
		Values: []change.Value{change.IntegerValue(id), change.TextValue([]byte(s))},
	}, previous)
}

func (p *place) replay(which int) (int64, error) {
	p.Helper()
	e, err := p.reader().Get(p.Context(), fmt.Sprint(which))
	if err != nil {
		p.Fatal(err)
	}
	r, err := deadletter.NewReplayer(p.reader(), "lz4")
	if err != nil {
		p.Fatal(err)
	}
	return r.Replay(p.Context(), e)
}

// at reads, as a foreign client, the message at a place.
func (p *place) at(topic string, partition int32, offset int64) *kgo.Record {
	p.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(p.Addr), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().At(offset)}}))
	if err != nil {
		p.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(p.Context(), deadline)
	defer cancel()
	fetched := c.PollFetches(ctx)
	if err := fetched.Err(); err != nil {
		p.Fatal(err)
	}
	return fetched.Records()[0]
}

// What is replayed is the message itself, in its own partition, but outside the commit order; and the letter says so then.
func TestALetterIsReplayed(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p := newPlace(t, b)
		topic := b.Topic(t, 4, nil)
		l := letterOf(7, []byte(`{"id":42}`), row(42, "x"), recordbatch.Header{Key: "trace", Value: []byte("abc")})
		l.Topic = topic
		json := letterOf(8, []byte(`{"id":1}`), []byte(`{"op":"c","after":{"id":1},"source":{"schema":"public","table":"t","lsn":5,"ts_ms":1}}`))
		json.Topic = topic
		p.bury(l, json)
		p.write(topic, 3, recordbatch.ProducerRecord{Value: []byte("before")})
		at, err := p.replay(0)
		if err != nil || at != 1 {
			t.Fatalf("at %d, %v", at, err)
		}
		got := p.at(topic, 3, 1)
		want := message(42, "x", change.Position{}, change.Position{})
		if string(got.Key) != `{"id":42}` || !bytes.Equal(got.Value, want) || headersOf(got) != "trace=abc\neventsync.replayed="+p.cfg.Kafka.DeadLetterTopic()+"/0/0\n" {
			t.Errorf("key %s, value %x, headers\n%s", got.Key, got.Value, headersOf(got))
		}
		if at, err = p.replay(1); err != nil || at != 2 || !bytes.Equal(p.at(topic, 3, 2).Value, json.Record.Value) {
			t.Errorf("Debezium's message: %d, %v", at, err)
		}
		all := p.list(deadletter.Filter{})
		if len(all) != 2 || all[0].Replayed == nil || all[1].Replayed == nil || len(p.list(deadletter.Filter{New: true})) != 0 {
			t.Errorf("%+v", all)
		}
		if _, err := p.reader().Get(t.Context(), "2"); err == nil {
			t.Error("the note of a replay is a letter")
		}
	})
}

func TestWhatIsNotReplayed(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p := newPlace(t, b)
		topic := b.Topic(t, 4, nil)
		poison, gone := letterOf(0, nil, []byte("poison")), letterOf(0, nil, row(1, "x"))
		poison.Topic, gone.Topic = topic, topic+"-gone"
		p.bury(poison, gone)
		p.write(p.cfg.Kafka.DeadLetterTopic(), 0, oversize())
		for which, want := range []string{"still cannot be decoded", topic + "-gone", "producer snapshot public.large"} {
			if at, err := p.replay(which); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("letter %d: %d, %v, which lacks %q", which, at, err, want)
			}
		}
		if all := p.list(deadletter.Filter{New: true}); len(all) != 3 {
			t.Errorf("%+v", all)
		}
	})
}

// A letter that was too large is replayed from where the original is, if that is still the original.
func TestALetterWithoutItsValueIsReplayedFromItsPlace(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p := newPlace(t, b)
		b.CreateTopic(t, p.cfg.Kafka.DeadLetterTopic(), 1, map[string]string{"max.message.bytes": "20000"})
		topic := b.Topic(t, 4, nil)
		value := row(1, string(noise(50_000)))
		place := deadletter.Place{Topic: topic, Partition: 3}
		place.Offset = p.write(topic, 3, recordbatch.ProducerRecord{Key: []byte("k"), Value: value, Headers: []recordbatch.Header{{Key: "mine"}}})
		at := p.at(topic, 3, place.Offset)
		l := letterOf(place.Offset, at.Key, at.Value)
		l.Place, l.Record.Timestamp = place, at.Timestamp.UnixMilli()
		another := l // of a topic that was made anew
		another.Record.Timestamp--
		p.bury(l)
		if got := p.list(deadletter.Filter{}); !slices.Equal(got[0].Omitted, []string{"value"}) {
			t.Fatalf("%+v", got)
		}
		again, err := p.replay(0)
		if err != nil {
			t.Fatal(err)
		}
		want := message(1, string(noise(50_000)), change.Position{}, change.Position{})
		if got := p.at(topic, 3, again); !bytes.Equal(got.Value, want) || string(got.Key) != "k" || !strings.HasPrefix(headersOf(got), "mine=null\neventsync.replayed=") {
			t.Errorf("key %s, a value of %d bytes, headers\n%s", got.Key, len(got.Value), headersOf(got))
		}
		p.bury(another)
		if at, err := p.replay(2); err == nil || !strings.Contains(err.Error(), "does not have it") {
			t.Errorf("%d, %v", at, err)
		}
	})
}
