package kafkaclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/listoffsets"
)

// Offsets are where a partition's log begins and ends.
type Offsets struct {
	First int64 // of the oldest record kept
	Last  int64 // of the next record to be written
}

// Offsets asks for both ends of a partition's log. A connection that was lost, or a leader that has just moved, is tried
// again a few times.
func (c *Client) Offsets(ctx context.Context, topic string, partition int) (o Offsets, err error) {
	o.First, err = c.offset(ctx, topic, partition, kafka.FirstOffset)
	if err == nil {
		o.Last, err = c.offset(ctx, topic, partition, kafka.LastOffset)
	}
	if err != nil {
		return Offsets{}, fmt.Errorf("offsets of %s, partition %d: %w", topic, partition, c.Explain(err))
	}
	return o, nil
}

func (c *Client) offset(ctx context.Context, topic string, partition int, which int64) (offset int64, err error) {
	err = again(ctx, func(ctx context.Context) (err error) {
		offset, err = c.listOffset(ctx, topic, partition, which)
		return err
	})
	return offset, err
}

// again asks a few times, for as long as the error is one that may pass.
func again(ctx context.Context, ask func(context.Context) error) error {
	const tries, pause = 5, 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	for try := 1; ; try++ {
		err := ask(ctx)
		if err == nil || try == tries || !IsRetriable(err) {
			return err
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return err
		case <-t.C:
		}
	}
}

var errOtherAnswer = errors.New("the broker's answer is about something else")

// listOffset asks for one end in a request of its own: kafka-go tells no reason where only some of several fail.
func (c *Client) listOffset(ctx context.Context, topic string, partition int, which int64) (int64, error) {
	m, err := c.RoundTrip(ctx, &listoffsets.Request{
		ReplicaID: -1,
		Topics: []listoffsets.RequestTopic{{
			Topic: topic,
			Partitions: []listoffsets.RequestPartition{{
				Partition:          int32(partition), //nolint:gosec // G115: Kafka's own type
				CurrentLeaderEpoch: -1,
				Timestamp:          which,
			}},
		}},
	})
	if err != nil {
		return 0, err
	}
	r, ok := m.(*listoffsets.Response)
	if !ok || len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1 {
		return 0, errOtherAnswer
	}
	p := &r.Topics[0].Partitions[0]
	if p.ErrorCode != 0 {
		return 0, kafka.Error(p.ErrorCode)
	}
	return p.Offset, nil
}

// Ends asks for the ends of a topic's first n partitions at once: the offsets of the next records to be written. One that
// could not be learned now is -1.
func (c *Client) Ends(ctx context.Context, topic string, n int) ([]int64, error) {
	ends, asked := make([]int64, n), make([]listoffsets.RequestPartition, n)
	for i := range n {
		ends[i] = -1
		asked[i] = listoffsets.RequestPartition{Partition: int32(i), CurrentLeaderEpoch: -1, Timestamp: kafka.LastOffset}
	}
	m, err := c.RoundTrip(ctx, &listoffsets.Request{ReplicaID: -1, Topics: []listoffsets.RequestTopic{{Topic: topic, Partitions: asked}}})
	if err != nil {
		return nil, fmt.Errorf("ends of %s: %w", topic, c.Explain(err))
	}
	r, ok := m.(*listoffsets.Response)
	if !ok || len(r.Topics) != 1 {
		return nil, fmt.Errorf("ends of %s: %w", topic, errOtherAnswer)
	}
	for i := range r.Topics[0].Partitions {
		if p := &r.Topics[0].Partitions[i]; p.ErrorCode == 0 && int(p.Partition) < n {
			ends[p.Partition] = p.Offset
		}
	}
	return ends, nil
}
