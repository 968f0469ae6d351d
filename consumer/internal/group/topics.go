package group

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/kafkaclient"
)

// partitionCounts are those of the topics that exist.
type partitionCounts map[string]int

func (p partitionCounts) topics() []string { return slices.Sorted(maps.Keys(p)) }

// countPartitions asks about every configured topic.
func (g *Group) countPartitions(ctx context.Context) (found partitionCounts, missing []string, err error) {
	found = partitionCounts{}
	for _, t := range g.cfg.Topics {
		n, err := g.client.Partitions(ctx, t)
		switch {
		case errors.Is(err, kafkaclient.ErrNoTopic):
			missing = append(missing, t)
		case err != nil:
			return nil, nil, err
		default:
			found[t] = n
		}
	}
	return found, missing, nil
}

// awaitTopics returns when at least one topic exists. A topic that does not is no reason to leave the others unread.
func (g *Group) awaitTopics(ctx context.Context) (partitionCounts, error) {
	said := newRepeated(g.log)
	for retry := backoff.New(firstBackoff, g.cfg.WatchInterval); ; {
		found, missing, err := g.countPartitions(ctx)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			said.warn("cannot learn which topics exist; trying again", err.Error(), zap.Error(err))
		case len(missing) > 0:
			names := strings.Join(missing, ", ")
			said.warn("topics do not exist yet: the producer makes them when a table's first row is published; waiting",
				names, zap.String("topics", names))
		}
		if len(found) > 0 {
			return found, nil
		}
		if err := retry.Wait(ctx); err != nil {
			return nil, err
		}
	}
}

// watch returns when the topics or their partitions are no longer those of before, or ctx ends.
func (g *Group) watch(ctx context.Context, before partitionCounts) {
	tick := time.NewTicker(g.cfg.WatchInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		found, _, err := g.countPartitions(ctx)
		if err == nil && !maps.Equal(found, before) {
			g.log.Info("topics or their partitions have changed; joining the group again", zap.Any("partitions", found))
			return
		}
	}
}
