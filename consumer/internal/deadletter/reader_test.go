package deadletter_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"eventsync/compose/local/brokertest"
	"eventsync/consumer/internal/deadletter"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
	"eventsync/pkg/letter"
)

func (p *place) reader() *deadletter.Reader {
	return &deadletter.Reader{Client: p.client, Topic: p.cfg.Kafka.DeadLetterTopic(), TableOf: func(topic string) string {
		return strings.TrimPrefix(topic, "cdc.")
	}}
}

func (p *place) list(f deadletter.Filter) []deadletter.Entry {
	p.Helper()
	letters, err := p.reader().List(p.Context(), f)
	if err != nil {
		p.Fatal(err)
	}
	return letters
}

// write writes a message as it is, and gives its offset.
func (p *place) write(topic string, partition int, r recordbatch.ProducerRecord) int64 {
	p.Helper()
	var b recordbatch.Builder
	b.Append(time.Now().UnixMilli(), r.Key, r.Value, r.Headers...)
	at, err := int64(0), error(nil)
	p.eventually("leader of a topic that was just made", func() bool {
		at, err = p.client.Produce(p.Context(), topic, partition, kafkaclient.Seal(nil, &b, nil))
		return !kafkaclient.IsRetriable(err)
	})
	if err != nil {
		p.Fatal(err)
	}
	return at
}

// oversize is a letter of the producer's.
func oversize() recordbatch.ProducerRecord {
	return recordbatch.ProducerRecord{Key: []byte(`{"id":5}`), Headers: []recordbatch.Header{
		{Key: letter.Reason, Value: []byte(letter.Oversize)},
		{Key: letter.Topic, Value: []byte("cdc.public.large")},
		{Key: letter.Partition, Value: []byte("1")},
		{Key: letter.Table, Value: []byte("public.large")},
		{Key: letter.Size, Value: []byte("2000000")},
		{Key: letter.Limit, Value: []byte("1048588")},
	}}
}

func TestLettersAreListed(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p := newPlace(t, b)
		if all := p.list(deadletter.Filter{}); len(all) != 0 {
			t.Fatalf("nothing was buried, and there is %v", all)
		}
		other := letterOf(3, []byte("k3"), []byte("three"))
		other.Topic, other.Code = "cdc.public.other", "refused_value"
		p.bury(letterOf(1, []byte("k1"), []byte("one")), other)
		p.bury(other, letterOf(2, nil, []byte("two"))) // once more: the consumer was killed before it had committed
		p.write(p.cfg.Kafka.DeadLetterTopic(), 0, oversize())
		all := p.list(deadletter.Filter{})
		offsets := func(es []deadletter.Entry) (o []int64) {
			for _, e := range es {
				o = append(o, e.Offset)
			}
			return o
		}
		if got := offsets(all); !slices.Equal(got, []int64{0, 1, 3, 4}) {
			t.Fatalf("the letters are at %v: %+v", got, all)
		}
		e := all[1]
		if e.Place() != other.Place || e.Reason != "refused_value" || e.Key != "k3" || e.Size != 5 || e.Table != "public.other" || e.Group != "a group" || e.Replayed != nil {
			t.Errorf("%+v", e)
		}
		if e := all[3]; !e.FromProducer() || e.Table != "public.large" || e.Place().String() != "cdc.public.large/1/-1" || e.Size != 2_000_000 {
			t.Errorf("the producer's letter: %+v", e)
		}
		for _, c := range []struct {
			filter deadletter.Filter
			want   []int64
		}{
			{deadletter.Filter{Topic: "cdc.public.t"}, []int64{0, 3}},
			{deadletter.Filter{Table: "public.large"}, []int64{4}},
			{deadletter.Filter{Reason: "refused_value"}, []int64{1}},
			{deadletter.Filter{Topic: "cdc.public.t", Reason: "refused_value"}, nil},
			{deadletter.Filter{Since: time.Now().Add(-time.Hour)}, []int64{0, 1, 3, 4}},
			{deadletter.Filter{Since: time.Now().Add(time.Hour)}, nil},
		} {
			if got := offsets(p.list(c.filter)); !slices.Equal(got, c.want) {
				t.Errorf("%+v: the letters are at %v, not %v", c.filter, got, c.want)
			}
		}
	})
}

func TestALetterIsShown(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p := newPlace(t, b)
		p.bury(
			letterOf(1, []byte(`{"id":42}`), row(42, "it's text"), recordbatch.Header{Key: "trace", Value: []byte{0xff}}),
			letterOf(2, nil, []byte{0xff, 1}), letterOf(3, nil, []byte(`{"op": "?"}`)), letterOf(4, nil, nil))
		for which, want := range map[string][]string{
			"0:0": {"undecodable", "message 1 is none", "cdc.public.t", `{"id":42}`, "header trace:", "0xff", "update of public.t, version 77 (0/4D)", "position 0/9+3", "bigint", "42", "it's text"},
			"1":   {"no change", "00000000  ff 01"},
			"2":   {"no change", `{"op": "?"}`},
			"3":   {"no value"},
		} {
			var out bytes.Buffer
			e, err := p.reader().Get(t.Context(), which)
			if err == nil {
				err = deadletter.Show(&out, e)
			}
			for _, w := range want {
				if err != nil || !strings.Contains(out.String(), w) {
					t.Errorf("letter %s (%v) lacks %q:\n%s", which, err, w, out.String())
				}
			}
		}
		for _, which := range []string{"4", "x", "1:2:3", "-1", "7:0"} {
			if e, err := p.reader().Get(t.Context(), which); err == nil {
				t.Errorf("letter %s: %+v", which, e)
			}
		}
	})
}
