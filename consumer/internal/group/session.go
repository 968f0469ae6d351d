package group

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"eventsync/pkg/backoff"
)

// session is one membership, from joining the group to leaving it. It ends without an error when the topics changed, or
// when a commit was left without an answer: what comes next is another session, as another member.
func (g *Group) session(ctx context.Context, topics partitionCounts, w Worker) (err error) {
	dialer := g.client.Dialer()
	n := newNetwork(dialer)
	cg, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID:                g.cfg.ID,
		Brokers:           g.client.Brokers(),
		Dialer:            dialer,
		Topics:            topics.topics(),
		GroupBalancers:    []kafka.GroupBalancer{kafka.RangeGroupBalancer{}, kafka.RoundRobinGroupBalancer{}},
		HeartbeatInterval: g.cfg.SessionTimeout / 10,
		SessionTimeout:    g.cfg.SessionTimeout,
		// A member that does not join again in time is out; workers stop within StopTimeout.
		RebalanceTimeout: max(g.cfg.SessionTimeout, 2*g.cfg.StopTimeout),
		JoinGroupBackoff: 200 * time.Millisecond,
		// A heartbeat without an answer ends the generation before the broker gives the partitions away.
		Timeout: g.cfg.SessionTimeout / 2,
	})
	if err != nil {
		return fmt.Errorf("group %s: %w", g.cfg.ID, err)
	}
	defer g.leave(cg, n)

	said, retry := newRepeated(g.log), backoff.New(firstBackoff, 2*time.Second)
	for {
		gen, err := cg.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, kafka.RebalanceInProgress):
			continue
		case err != nil:
			said.warn("cannot join the group; trying again", err.Error(), zap.Error(g.client.Explain(err)))
			if err := retry.Wait(ctx); err != nil {
				return err
			}
			continue
		}
		retry.Reset()
		switch end := g.generation(ctx, gen, topics, w); {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case end == leaveGroup:
			return nil
		}
	}
}

// leave leaves the group, by force in the end.
func (g *Group) leave(cg *kafka.ConsumerGroup, n *network) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = cg.Close() // it has no error to give
	}()
	defer n.cut()
	t := time.NewTimer(g.cfg.LeaveTimeout)
	defer t.Stop()
	select {
	case <-closed:
	case <-t.C:
		g.log.Warn("leaving the group takes too long; its partitions move on when the session times out",
			zap.Duration("session_timeout", g.cfg.SessionTimeout))
		n.cut()
		<-closed
	}
}
