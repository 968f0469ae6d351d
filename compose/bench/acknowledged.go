package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/pkg/codec"
)

// end is how many records a partition had at a time.
type end struct {
	offset int64
	at     time.Time
}

// endWatch looks at a topic all the time, and so knows when the broker had acknowledged each record.
type endWatch struct {
	quit chan struct{}
	seen chan map[int32][]end
}

// endsEvery is how exactly it knows: times are up to that much too late.
const endsEvery = 500 * time.Microsecond

func watchEnds(cluster *kfake.Cluster, topic string) *endWatch {
	w := &endWatch{make(chan struct{}), make(chan map[int32][]end, 1)}
	go func() {
		seen := map[int32][]end{}
		tick := time.NewTicker(endsEvery)
		defer tick.Stop()
		for last := false; ; {
			for _, p := range cluster.PartitionInfos(topic) {
				if all := seen[p.Partition]; len(all) == 0 || all[len(all)-1].offset < p.HighWatermark {
					seen[p.Partition] = append(all, end{p.HighWatermark, time.Now()})
				}
			}
			if last {
				w.seen <- seen
				return
			}
			select {
			case <-tick.C:
			case <-w.quit:
				last = true
			}
		}
	}()
	return w
}

func (w *endWatch) stop() map[int32][]end {
	close(w.quit)
	return <-w.seen
}

// latencies reads the topic, and gives for each record committed since then how long it took to be acknowledged.
func (b *bench) latencies(ctx context.Context, topic string, seen map[int32][]end, since time.Time) (all []time.Duration, err error) {
	err = b.eachRecord(ctx, topic, func(r *kgo.Record, m *codec.Message) error {
		committed := time.UnixMicro(m.CommitTime)
		if committed.Before(since) {
			return nil
		}
		ends := seen[r.Partition]
		i, _ := slices.BinarySearchFunc(ends, r.Offset+1, func(e end, offset int64) int { return int(e.offset - offset) })
		if i == len(ends) {
			return fmt.Errorf("%s, partition %d: nobody saw offset %d being acknowledged", topic, r.Partition, r.Offset)
		}
		all = append(all, ends[i].at.Sub(committed))
		return nil
	})
	return all, err
}

// commits reads the topic, and gives when the rows of so many ids were committed, from the first.
func (b *bench) commits(ctx context.Context, topic string, first int64, rows int) ([]time.Time, error) {
	at, left := make([]time.Time, rows), rows
	err := b.eachRecord(ctx, topic, func(_ *kgo.Record, m *codec.Message) error {
		if i := m.Values[0].Integer() - first; i >= 0 && i < int64(rows) {
			at[i] = time.UnixMicro(m.CommitTime)
			left--
		}
		return nil
	})
	if err == nil && left != 0 {
		err = fmt.Errorf("topic %s has %d records instead of %d", topic, rows-left, rows)
	}
	return at, err
}

// eachRecord reads the topic to its end.
func (b *bench) eachRecord(ctx context.Context, topic string, f func(*kgo.Record, *codec.Message) error) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.broker.Addr()), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return err
	}
	defer client.Close()
	var decoder codec.Decoder
	var m codec.Message
	for left := topicEnd(b.broker.Cluster(), topic); left > 0; {
		fetched := client.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			return fmt.Errorf("read topic %s: %w", topic, err)
		}
		left -= int64(fetched.NumRecords())
		for r := range fetched.RecordsAll() {
			if err := decoder.Decode(r.Value, &m); err != nil {
				return fmt.Errorf("%s, partition %d, offset %d: %w", topic, r.Partition, r.Offset, err)
			}
			if err := f(r, &m); err != nil {
				return err
			}
		}
	}
	return nil
}
