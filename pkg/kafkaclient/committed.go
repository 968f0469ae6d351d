package kafkaclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// Committed gives the offsets that a group has committed for a topic's first n partitions, -1 for none.
func (c *Client) Committed(ctx context.Context, group, topic string, n int) ([]int64, error) {
	offsets, partitions := make([]int64, n), make([]int, n)
	for i := range n {
		offsets[i], partitions[i] = -1, i
	}
	var r *kafka.OffsetFetchResponse
	err := again(ctx, func(ctx context.Context) (err error) { // a new cluster's coordinator takes a moment
		r, err = c.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: partitions}})
		if err == nil {
			err = r.Error
		}
		return err
	})
	if errors.Is(err, kafka.GroupIdNotFound) { // nobody has joined it yet
		return offsets, nil
	}
	if err != nil {
		return nil, fmt.Errorf("offsets of group %s: %w", group, c.Explain(err))
	}
	for _, p := range r.Topics[topic] {
		if p.Error != nil {
			return nil, fmt.Errorf("offset of group %s: topic %s, partition %d: %w", group, topic, p.Partition, p.Error)
		}
		if p.Partition < n {
			offsets[p.Partition] = p.CommittedOffset
		}
	}
	return offsets, nil
}
