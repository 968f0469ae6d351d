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
func (b *bench) latencies(ctx context.Context, topic string, seen map[int32][]end, since time.Time) ([]time.Duration, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.broker.Addr()), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	var decoder codec.Decoder
	var m codec.Message
	var all []time.Duration
	for left := topicEnd(b.broker.Cluster(), topic); left > 0; {
		fetched := client.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			return nil, fmt.Errorf("read topic %s: %w", topic, err)
		}
		left -= int64(fetched.NumRecords())
		for r := range fetched.RecordsAll() {
			if err := decoder.Decode(r.Value, &m); err != nil {
				return nil, fmt.Errorf("%s, partition %d, offset %d: %w", topic, r.Partition, r.Offset, err)
			}
			committed := time.UnixMicro(m.CommitTime)
			if committed.Before(since) {
				continue
			}
			ends := seen[r.Partition]
			i, _ := slices.BinarySearchFunc(ends, r.Offset+1, func(e end, offset int64) int { return int(e.offset - offset) })
			if i == len(ends) {
				return nil, fmt.Errorf("%s, partition %d: nobody saw offset %d being acknowledged", topic, r.Partition, r.Offset)
			}
			all = append(all, ends[i].at.Sub(committed))
		}
	}
	return all, nil
}
