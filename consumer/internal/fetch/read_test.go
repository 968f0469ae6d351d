package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
	"eventsync/consumer/internal/fetch"
)

func TestReadsEveryCompressionOfAForeignClient(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 1, nil)
		var want []string
		for name, codec := range map[string]kgo.CompressionCodec{
			"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
			"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
		} {
			values := numbered("compressed by "+name, 500)
			produce(t, foreign(t, b, kgo.ProducerBatchCompression(codec)), topic, values...)
			for _, v := range values {
				want = append(want, fmt.Sprintf("%d %s", len(want), v))
			}
		}
		r := open(t, b, topic, 0)
		if got := readUntil(t, r, int64(len(want))); !slices.Equal(got, want) {
			t.Errorf("read %d records, %d were written", len(got), len(want))
		}
		if r.HighWatermark() != int64(len(want)) || r.LastStable() != int64(len(want)) {
			t.Errorf("high watermark %d, last stable offset %d", r.HighWatermark(), r.LastStable())
		}
	})
}

func TestNullsHeadersAndTimestamps(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 1, nil)
		at := time.UnixMilli(1_700_000_000_123)
		if err := foreign(t, b).ProduceSync(t.Context(),
			&kgo.Record{Topic: topic, Timestamp: at, Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("v")}}},
			&kgo.Record{Topic: topic, Timestamp: at.Add(time.Second), Key: []byte{}, Value: []byte{}},
		).FirstErr(); err != nil {
			t.Fatal(err)
		}
		got, err := open(t, b, topic, 0).Read(t.Context())
		if err != nil || len(got) != 2 {
			t.Fatalf("%v, %v", got, err)
		}
		if got[0].Key != nil || got[0].Value != nil || got[0].Timestamp != at.UnixMilli() {
			t.Errorf("null: %+v", got[0])
		}
		if got[1].Key == nil || got[1].Value == nil || got[1].Timestamp != at.UnixMilli()+1000 || got[1].Offset != 1 {
			t.Errorf("empty: %+v", got[1])
		}
	})
}

func TestBeginsInTheMiddleOfABatchAndSeeks(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 1, nil)
		produce(t, foreign(t, b), topic, numbered("value", 10)...)
		r := open(t, b, topic, 7)
		want := []string{"7 value 7", "8 value 8", "9 value 9"}
		if got := readUntil(t, r, 10); !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		r.SeekTo(8)
		if got := readUntil(t, r, 10); !slices.Equal(got, want[1:]) {
			t.Errorf("after the seek: %q", got)
		}
	})
}

func TestNothingToReadIsNoError(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 1, nil)
		r := open(t, b, topic, 0)
		if got, err := r.Read(t.Context()); len(got) != 0 || err != nil {
			t.Fatalf("%v, %v", got, err)
		}
		produce(t, foreign(t, b), topic, "late")
		if got := readUntil(t, r, 1); !slices.Equal(got, []string{"0 late"}) {
			t.Errorf("got %q", got)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Read(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("with an ended context: %v", err)
		}
	})
}

func TestOffsetOutOfRangeIsLoud(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 1, nil)
		produce(t, foreign(t, b), topic, numbered("value", 3)...)
		r := open(t, b, topic, 1000)
		_, err := r.Read(t.Context())
		out := (*fetch.OutOfRangeError)(nil)
		if !errors.As(err, &out) || out.First != 0 || out.Last != 3 || !strings.Contains(err.Error(), topic) {
			t.Fatalf("got %v", err)
		}
		if r.Offset() != 1000 {
			t.Errorf("the offset moved to %d", r.Offset())
		}
		r.SeekTo(2)
		if got := readUntil(t, r, 3); !slices.Equal(got, []string{"2 value 2"}) {
			t.Errorf("after the seek: %q", got)
		}
	})
}

func TestABatchOverTheFetchSize(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 1, map[string]string{"max.message.bytes": "12000000"})
		c := foreign(t, b, kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerBatchMaxBytes(11_000_000))
		big := strings.Repeat("b", 10_000_000)
		produce(t, c, topic, "small")
		produce(t, c, topic, big)
		produce(t, c, topic, "small again")
		want := []string{"0 small", "1 " + big, "2 small again"}
		if got := readUntil(t, open(t, b, topic, 0), 3); !slices.Equal(got, want) {
			t.Errorf("got %d records", len(got))
		}
	})
}
