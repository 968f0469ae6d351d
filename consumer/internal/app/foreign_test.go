package app

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
)

// row is a message of the next insert, as another producer might write it.
func (w *world) row(key string) *kgo.Record {
	w.lsn++
	c := change.Change{Relation: w.relation, Op: change.Insert, Version: change.Version(w.lsn), Values: []change.Value{change.IntegerValue(int64(w.lsn))}}
	return &kgo.Record{Topic: w.topic, Key: []byte(key), Value: w.encoder.Append(nil, &c, change.Position{})}
}

// settled waits until the group has committed everything before the offset.
func (w *world) settled(offset int64) {
	w.Helper()
	eventually(w.T, func() bool { return w.number("SELECT max(offset) AS n FROM sync_cursors") >= uint64(offset) },
		func() string { return fmt.Sprintf("the watermark has not come to %d", offset) })
}

// Of a topic that is written in transactions only the committed ones are synced, and the marks of their ends are passed.
func TestTransactions(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		w := newWorldOn(t, b, brokertest.Name(t), 1, nil)
		w.cfg.Consumer.Group = b.Group(t)
		writer, err := kgo.NewClient(kgo.SeedBrokers(b.Addr), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionalID(brokertest.Name(t)))
		if err != nil {
			t.Fatal(err)
		}
		defer writer.Close()
		committed, offset := uint64(0), int64(0)
		w.start()
		for i := range 9 {
			if err := writer.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			for range 5 {
				if err := writer.ProduceSync(t.Context(), w.row("{}")).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			commit := kgo.TransactionEndTry(i%3 != 1)
			if err := writer.EndTransaction(t.Context(), commit); err != nil {
				t.Fatal(err)
			}
			if commit {
				committed += 5
			}
			offset += 6 // the mark of the end among them
		}
		w.settled(offset - 1)
		if n := w.number("SELECT count() AS n FROM a"); n != committed {
			t.Errorf("%d rows, want the %d that were committed", n, committed)
		}
	})
}

// A compacted topic has holes: what is left of it is synced, and nothing is taken for a repeat.
func TestCompactedTopic(t *testing.T) {
	w := newWorld(t, 1)
	other := newWorldOn(t, &brokertest.Broker{Addr: w.broker.Addr(), Kind: brokertest.Fake, Fake: w.broker}, "compacted", 1, map[string]string{"cleanup.policy": "compact"})
	for i := range 60 {
		if err := other.producer.ProduceSync(t.Context(), other.row(fmt.Sprintf(`{"id":%d}`, i%7))).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the active segment is left alone
		if err := other.producer.ProduceSync(t.Context(), other.row("{}")).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	w.broker.Cluster().Compact()
	other.start()
	other.settled(62)
	if n := other.number("SELECT count() AS n FROM a"); n < 7 || n >= 62 {
		t.Errorf("%d rows: nothing was compacted, or too much", n)
	}
	if n := other.number("SELECT max(id) AS n FROM a"); n != 62 {
		t.Errorf("the last row is %d, want 62", n)
	}
}
