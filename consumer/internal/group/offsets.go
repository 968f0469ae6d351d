package group

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/kafkaclient"
)

// committed reads the partition's committed offset, -1 when there is none, and its metadata. It waits for a coordinator
// that is starting or moving, and for brokers out of reach.
func (g *Group) committed(ctx context.Context, p Partition) (offset int64, metadata string, err error) {
	said := newRepeated(g.log)
	for retry := backoff.New(firstBackoff, time.Second); ; {
		offset, metadata, err = g.fetchOffset(ctx, p)
		switch {
		case err == nil:
			return offset, metadata, nil
		case ctx.Err() != nil:
			return 0, "", context.Cause(ctx)
		case !kafkaclient.IsRetriable(err):
			return 0, "", fmt.Errorf("committed offset of %v in group %s: %w", p, g.cfg.ID, err)
		}
		said.warn("cannot read a committed offset; trying again", err.Error(), zap.Stringer("partition", p), zap.Error(err))
		if err := retry.Wait(ctx); err != nil {
			return 0, "", err
		}
	}
}

var errNotAnswered = errors.New("the broker's answer is not about it")

func (g *Group) fetchOffset(ctx context.Context, p Partition) (int64, string, error) {
	r, err := g.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: g.cfg.ID, Topics: map[string][]int{p.Topic: {p.ID}}})
	if err != nil {
		return 0, "", g.client.Explain(err)
	}
	if r.Error != nil {
		return 0, "", r.Error
	}
	for _, o := range r.Topics[p.Topic] {
		if o.Partition == p.ID {
			return o.CommittedOffset, o.Metadata, o.Error
		}
	}
	return 0, "", errNotAnswered
}
