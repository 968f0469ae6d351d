package fetch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
)

// TestTransactionsThatOverlap has the one that began first end last: brokers list it last, too.
func TestTransactionsThatOverlap(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 1, nil)
		outer := foreign(t, b, kgo.TransactionalID(brokertest.Name(t)))
		inner := foreign(t, b, kgo.TransactionalID(brokertest.Name(t)))
		for _, c := range []*kgo.Client{outer, inner} {
			if err := c.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			produce(t, c, topic, "aborted")
		}
		for _, c := range []*kgo.Client{inner, outer} {
			if err := c.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
				t.Fatal(err)
			}
		}
		produce(t, foreign(t, b), topic, "plain")
		got := readUntil(t, open(t, b, topic, 0), 5)
		if len(got) != 1 || !strings.HasSuffix(got[0], " plain") { // Kafka writes the mark of an end later, perhaps behind it
			t.Errorf("got %q", got)
		}
	})
}

func TestOnlyCommittedRecordsAreRead(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 1, nil)
		plain := foreign(t, b)
		transactional := foreign(t, b, kgo.TransactionalID(brokertest.Name(t)))
		var want []string
		offset := 0
		for i := range 9 {
			if err := transactional.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			values := numbered(fmt.Sprint("transaction ", i), 5)
			commit := kgo.TransactionEndTry(i%3 != 1)
			produce(t, transactional, topic, values[:2]...)
			produce(t, plain, topic, "between") // in the middle of a transaction, and not of it
			produce(t, transactional, topic, values[2:]...)
			if err := transactional.EndTransaction(t.Context(), commit); err != nil {
				t.Fatal(err)
			}
			for j, v := range slices.Insert(values, 2, "between") {
				if commit || j == 2 {
					want = append(want, fmt.Sprintf("%d %s", offset, v))
				}
				offset++
			}
			offset++ // the control record
		}
		r := open(t, b, topic, 0)
		if got := readUntil(t, r, int64(offset)); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}

		// One that is open holds everything behind it back.
		if err := transactional.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		produce(t, transactional, topic, "open")
		produce(t, plain, topic, "behind")
		if got, err := r.Read(t.Context()); len(got) != 0 || err != nil {
			t.Fatalf("read %v, %v, and a transaction is open", got, err)
		}
		if got, err := r.Read(t.Context()); len(got) != 0 || err != nil || r.LastStable() != int64(offset) || r.HighWatermark() != int64(offset+2) {
			t.Fatalf("read %v, %v; last stable offset %d, high watermark %d, want %d, %d", got, err, r.LastStable(), r.HighWatermark(), offset, offset+2)
		}
		if err := transactional.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
			t.Fatal(err)
		}
		if got := readUntil(t, r, int64(offset+3)); !slices.Equal(got, []string{fmt.Sprintf("%d behind", offset+1)}) {
			t.Errorf("after the abort: %q", got)
		}
	})
}
