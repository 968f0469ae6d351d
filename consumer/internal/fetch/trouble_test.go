package fetch_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/brokertest"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// batch is one of count records whose last offset is lastDelta after the first.
func batch(t *testing.T, count, lastDelta int) []byte {
	t.Helper()
	var b recordbatch.Builder
	for range max(count, 1) {
		b.Append(1, nil, []byte("value"))
	}
	out := b.Seal(nil, nil)
	if count == 0 { // as compaction leaves it, to remember its producer
		out = out[:recordbatch.HeaderSize]
		binary.BigEndian.PutUint32(out[8:], recordbatch.HeaderSize-12)
	}
	binary.BigEndian.PutUint32(out[23:], uint32(lastDelta))
	binary.BigEndian.PutUint32(out[57:], uint32(count))
	binary.BigEndian.PutUint32(out[17:], crc32.Checksum(out[21:], crc32.MakeTable(crc32.Castagnoli)))
	return out
}

func at(b []byte, offset int64) []byte {
	b = slices.Clone(b)
	binary.BigEndian.PutUint64(b, uint64(offset)) // not under the checksum
	return b
}

// of makes a batch one of a producer's transaction.
func of(b []byte, producer uint64) []byte {
	b[22] |= 0x10
	binary.BigEndian.PutUint64(b[43:], producer)
	binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[21:], crc32.MakeTable(crc32.Castagnoli)))
	return b
}

// serve has the broker answer each fetch with what answer gives for its offset.
func serve(b *brokertest.Broker, topic string, answer func(offset int64, maxBytes int) []byte, aborted ...kmsg.FetchResponseTopicPartitionAbortedTransaction) {
	cluster := b.Fake.Cluster() // there is none after a stop, and a fetch may be under way then
	cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		req, ok := r.(*kmsg.FetchRequest)
		if !ok {
			return nil, nil, false
		}
		p := kmsg.NewFetchResponseTopicPartition()
		p.HighWatermark, p.LastStableOffset = 1<<40, 1<<40
		p.AbortedTransactions = aborted
		asked := req.Topics[0].Partitions[0]
		p.RecordBatches = answer(asked.FetchOffset, int(asked.PartitionMaxBytes))
		rt := kmsg.NewFetchResponseTopic()
		rt.Topic, rt.Partitions = topic, append(rt.Partitions, p)
		resp := req.ResponseKind().(*kmsg.FetchResponse)
		resp.Topics = append(resp.Topics, rt)
		return resp, nil, true
	})
}

// fakeOnly runs a test for which Apache Kafka cannot be made to answer.
func fakeOnly(t *testing.T, test func(t *testing.T, b *brokertest.Broker, topic string)) {
	t.Helper()
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka answers only what is there")
		}
		test(t, b, b.Topic(t, 1, nil))
	})
}

func TestHolesAndEmptyBatches(t *testing.T) {
	fakeOnly(t, func(t *testing.T, b *brokertest.Broker, topic string) {
		log := slices.Concat(
			at(batch(t, 0, 9), 10),  // no records, though it begins behind a hole
			at(batch(t, 0, 9), 20),  // and again
			at(batch(t, 2, 99), 40), // a hole before it, and one at its end
			at(batch(t, 0, 4), 140),
		)
		serve(b, topic, func(offset int64, _ int) []byte {
			if offset >= 145 {
				return nil
			}
			return log
		})
		r := open(t, b, topic, 0)
		if got := readUntil(t, r, 145); !slices.Equal(got, []string{"40 value", "41 value"}) || r.Offset() != 145 {
			t.Errorf("read %q up to %d", got, r.Offset())
		}
	})
}

func TestAbortedTransactionsInTheOrderOfTheirEnds(t *testing.T) {
	fakeOnly(t, func(t *testing.T, b *brokertest.Broker, topic string) {
		log := slices.Concat(at(of(batch(t, 1, 0), 1), 0), at(of(batch(t, 1, 0), 2), 1), at(batch(t, 1, 0), 2))
		serve(b, topic, func(offset int64, _ int) []byte {
			if offset > 2 {
				return nil
			}
			return log
		}, kmsg.FetchResponseTopicPartitionAbortedTransaction{ProducerID: 2, FirstOffset: 1},
			kmsg.FetchResponseTopicPartitionAbortedTransaction{ProducerID: 1, FirstOffset: 0})
		if got := readUntil(t, open(t, b, topic, 0), 3); !slices.Equal(got, []string{"2 value"}) {
			t.Errorf("got %q", got)
		}
	})
}

func TestACorruptBatchIsLoudAndNotPassedOver(t *testing.T) {
	fakeOnly(t, func(t *testing.T, b *brokertest.Broker, topic string) {
		good, bad := at(batch(t, 2, 1), 0), at(batch(t, 2, 1), 2)
		bad[len(bad)-3] ^= 1
		serve(b, topic, func(offset int64, _ int) []byte {
			if offset < 2 {
				return slices.Concat(good, bad)
			}
			return bad
		})
		r := open(t, b, topic, 0)
		if got := readUntil(t, r, 2); len(got) != 2 {
			t.Fatalf("read %q", got)
		}
		for range 2 { // and again
			_, err := r.Read(t.Context())
			if !errors.Is(err, recordbatch.ErrCorrupt) || !strings.Contains(err.Error(), topic+", partition 0, offset 2") {
				t.Fatalf("got %v", err)
			}
		}
		if r.Offset() != 2 {
			t.Errorf("the offset moved to %d", r.Offset())
		}
	})
}

// TestABatchThatWasCutOff is for brokers that keep to the size asked for, even for the first batch.
func TestABatchThatWasCutOff(t *testing.T) {
	fakeOnly(t, func(t *testing.T, b *brokertest.Broker, topic string) {
		large := at(batch(t, 500_000, 499_999), 0)
		asked := 0
		serve(b, topic, func(offset int64, maxBytes int) []byte {
			if offset > 0 {
				return nil
			}
			asked = maxBytes
			return large[:min(len(large), maxBytes)]
		})
		r := open(t, b, topic, 0)
		if got := readUntil(t, r, 500_000); len(got) != 500_000 {
			t.Fatalf("read %d records", len(got))
		}
		if asked < len(large) {
			t.Errorf("asked for %d bytes, and the batch has %d", asked, len(large))
		}
	})
}

func TestFailuresThatPass(t *testing.T) {
	fakeOnly(t, func(t *testing.T, b *brokertest.Broker, topic string) {
		values := numbered("value", 2000)
		produce(t, foreign(t, b), topic, values...)
		for _, e := range []*kerr.Error{kerr.NotLeaderForPartition, kerr.UnknownTopicOrPartition, kerr.OffsetNotAvailable, kerr.KafkaStorageError, kerr.UnknownServerError} {
			b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: topic, Err: e})
		}
		r := open(t, b, topic, 0)
		got := readUntil(t, r, 1)
		b.Fake.Disconnect()
		got = append(got, readUntil(t, r, 2000)...)
		if len(got) != 2000 {
			t.Errorf("read %d records", len(got))
		}
		produce(t, foreign(t, b), topic, "last")
		b.Fake.Disconnect()
		if got := readUntil(t, r, 2001); !slices.Equal(got, []string{"2000 last"}) {
			t.Errorf("after the connections were cut: %q", got)
		}
	})
}

func TestFailureThatStays(t *testing.T) {
	fakeOnly(t, func(t *testing.T, b *brokertest.Broker, topic string) {
		b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: topic, Err: kerr.TopicAuthorizationFailed, Count: -1})
		_, err := open(t, b, topic, 0).Read(t.Context())
		if err == nil || !strings.Contains(err.Error(), topic) || !strings.Contains(err.Error(), "Authorization") {
			t.Errorf("got %v", err)
		}
	})
}

func TestALeaderThatMoves(t *testing.T) {
	b, err := broker.Start(t.Context(), broker.Config{Brokers: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Stop(context.Background()) })
	fake := &brokertest.Broker{Addr: b.Addr(), Kind: brokertest.Fake, Fake: b}
	topic := fake.Topic(t, 1, nil)
	c := foreign(t, fake)
	r := open(t, fake, topic, 0)
	for i := range 3 {
		produce(t, c, topic, fmt.Sprint("value ", i))
		if got := readUntil(t, r, int64(i+1)); len(got) != 1 {
			t.Fatalf("after move %d: %q", i, got)
		}
		if err := b.Cluster().MoveTopicPartition(topic, 0, (b.Cluster().LeaderFor(topic, 0)+1)%3); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABrokerThatIsAwayIsWaitedForUntilTheContextEnds(t *testing.T) {
	fakeOnly(t, func(t *testing.T, b *brokertest.Broker, topic string) {
		produce(t, foreign(t, b), topic, "value")
		r := open(t, b, topic, 0)
		if err := b.Fake.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := r.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
