package app

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
)

// put writes messages to a partition, one after the other.
func (w *world) put(partition int32, messages ...kgo.Record) {
	w.Helper()
	for i := range messages {
		messages[i].Topic, messages[i].Partition = w.topic, partition
		if err := w.producer.ProduceSync(w.Context(), &messages[i]).FirstErr(); err != nil {
			w.Fatal(err)
		}
	}
}

// shaped is an insert into a table with these columns; one without a commit is of a snapshot.
func shaped(version, commit uint64, columns ...string) kgo.Record {
	r := &change.Relation{Schema: "public", Table: "a"}
	c := change.Change{Relation: r, Op: change.Insert, Version: change.Version(version)}
	if commit > 0 {
		c.Position = change.Position{Commit: change.LSN(commit), Sequence: 1}
	}
	for _, name := range columns {
		r.Columns = append(r.Columns, change.Column{Name: name, Type: change.TypeText})
		c.Values = append(c.Values, change.NullValue())
	}
	var e codec.Encoder
	return kgo.Record{Value: e.Append(nil, &c, change.Position{})}
}

func debeziumRow(lsn int, after string) kgo.Record {
	return kgo.Record{
		Key:   []byte(`{"id":1}`),
		Value: fmt.Appendf(nil, `{"before":null,"after":%s,"source":{"connector":"postgresql","schema":"public","table":"a","lsn":%d},"op":"c"}`, after, lsn),
	}
}

func TestNewestRelation(t *testing.T) {
	for _, c := range []struct {
		name string
		put  func(*world)
		want string // names and types
	}{
		{"nothing", func(*world) {}, ""},
		{"the last one of a partition", func(w *world) { w.put(0, shaped(1, 1, "a"), shaped(2, 2, "a", "b")) }, "a:7 b:7 "},
		{"the last one committed", func(w *world) { w.put(0, shaped(9, 1, "a")); w.put(1, shaped(2, 2, "b")) }, "b:7 "},
		{"a snapshot is as old as its version", func(w *world) { w.put(0, shaped(5, 0, "a")); w.put(1, shaped(2, 2, "b")) }, "a:7 "},
		{"behind what is no message", func(w *world) {
			w.put(0, shaped(1, 1, "a"))
			for range 30 {
				w.put(0, kgo.Record{Value: []byte("\xff")}, kgo.Record{Key: []byte("k")}, kgo.Record{Value: []byte("{}")})
			}
		}, "a:7 "},
		{"JSON's types by many rows", func(w *world) {
			w.put(0, debeziumRow(1, `{"id":1,"n":1.5,"s":null}`))
			for lsn := range 30 {
				w.put(0, debeziumRow(2+lsn, `{"id":1,"n":null,"s":null}`))
			}
		}, "id:4 n:6 s:0 inferred"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, 2)
			c.put(w)
			client, err := kafkaclient.New(w.cfg.Kafka, clientID)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			n, err := newestRelation(t.Context(), client, w.topic)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if n != nil {
				for _, c := range n.relation.Columns {
					got += fmt.Sprintf("%s:%d ", c.Name, c.Type)
				}
				if n.inferred {
					got += "inferred"
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if n, err := newestRelation(t.Context(), client, "none"); n != nil || err != nil {
				t.Errorf("of no topic: %v, %v", n, err)
			}
		})
	}
}
