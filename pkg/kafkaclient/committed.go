package kafkaclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// Commit is what a group has committed for a partition.
type Commit struct {
	Offset   int64 // -1 for none
	Metadata string
}

// Committed gives what a group has committed for a topic's first n partitions.
func (c *Client) Committed(ctx context.Context, group, topic string, n int) ([]Commit, error) {
	commits, partitions := make([]Commit, n), make([]int, n)
	for i := range n {
		commits[i].Offset, partitions[i] = -1, i
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
		return commits, nil
	}
	if err != nil {
		return nil, fmt.Errorf("offsets of group %s: %w", group, c.Explain(err))
	}
	for _, p := range r.Topics[topic] {
		if p.Error != nil {
			return nil, fmt.Errorf("offset of group %s: topic %s, partition %d: %w", group, topic, p.Partition, p.Error)
		}
		if p.Partition < n {
			commits[p.Partition] = Commit{p.CommittedOffset, p.Metadata}
		}
	}
	return commits, nil
}

// ErrMembers says that a group has members, which alone may commit for it.
var ErrMembers = errors.New("the group has members")

// Commit commits a partition's offset, with metadata, for a group that has no members.
func (c *Client) Commit(ctx context.Context, group, topic string, partition int, commit Commit) error {
	err := again(ctx, func(ctx context.Context) error {
		r, err := c.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
			GroupID: group, GenerationID: -1, // from outside of the group
			Topics: map[string][]kafka.OffsetCommit{topic: {{Partition: partition, Offset: commit.Offset, Metadata: commit.Metadata}}},
		})
		if err != nil {
			return err
		}
		for _, p := range r.Topics[topic] {
			if p.Partition == partition {
				return p.Error
			}
		}
		return errOtherAnswer
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kafka.UnknownMemberId), errors.Is(err, kafka.IllegalGeneration), errors.Is(err, kafka.RebalanceInProgress):
		err = ErrMembers
	default:
		err = c.Explain(err)
	}
	return fmt.Errorf("commit for group %s: topic %s, partition %d: %w", group, topic, partition, err)
}
