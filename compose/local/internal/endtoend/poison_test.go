package endtoend

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	changev1 "eventsync/schemas/change/v1"
)

// A message that cannot be decoded stops its partition with topic, partition, offset and reason. Everything before it is
// in the target and committed, the status still tells how far all are, and the other partition goes on.
func TestPoisonMessages(t *testing.T) {
	t.Skip("nothing takes dead letters yet")
	f := newFixture(t)
	f.start()
	f.postgres(source)
	f.insert(1, 200, "before")
	f.query(target)
	f.config("  - source: public.t\n    partitions: 4\n")
	f.must(f.files.SetFlag(false)) // so that the poison and what is before it are read at once
	f.runProducer()
	f.holds(200)

	client, err := kgo.NewClient(kgo.SeedBrokers(f.stack.Broker.Addr()), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ConsumeTopics("cdc.public.t"))
	f.must(err)
	defer client.Close()
	poison := []struct {
		value  []byte
		reason string
	}{
		{[]byte("poison"), "malformed"},
		{[]byte(`{"payload": {"op": "c", "after": {"id": 1}}}`), "Debezium"},
		{f.valueOfTomorrow(client), "newer producer"},
	}
	for id, p := range poison {
		f.must(client.ProduceSync(t.Context(), &kgo.Record{Topic: "cdc.public.t", Partition: int32(id), Value: p.value}).FirstErr())
	}
	before := f.status()
	consumer := f.runConsumer()
	f.must(f.files.SetFlag(true))
	for id, p := range poison {
		consumer.says("ERROR", fmt.Sprintf("topic cdc.public.t, partition %d, offset %d: ", id, before[id].End-1), p.reason)
	}
	f.arrives(200)

	f.insert(201, 400, "after")
	var after []partition
	f.eventually("watermark of the other partition at its end", func() bool {
		after = f.status()
		return after[3].End > before[3].End && after[3].Messages == 0
	})
	for id, p := range after[:3] {
		if p.Watermark != before[id].End-1 || p.Lag == 0 || p.Problem == "" {
			t.Errorf("partition %d: %+v; the poison is at offset %d", id, p, before[id].End-1)
		}
	}
	if n, want := f.query("SELECT count() AS n FROM t WHERE s = 'after'"), after[3].End-before[3].End; int64(n) != want {
		t.Errorf("%d rows came after the poison, the other partition has %d", n, want)
	}
}

// valueOfTomorrow is a message of the topic whose last value is of a kind that is not known yet.
func (f *fixture) valueOfTomorrow(client *kgo.Client) []byte {
	f.Helper()
	fetches := client.PollFetches(f.Context())
	f.must(fetches.Err())
	var m changev1.Change
	f.must(proto.Unmarshal(fetches.Records()[0].Value, &m))
	unknown := []byte{99<<3&0x7f | 0x80, 99 >> 4, 1} // field 99, a varint
	last := m.Values[len(m.Values)-1]
	last.Kind = nil
	last.ProtoReflect().SetUnknown(unknown)
	b, err := proto.Marshal(&m)
	f.must(err)
	return b
}
