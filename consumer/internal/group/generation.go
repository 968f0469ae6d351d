package group

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"
)

// errGenerationEnded is why a worker's context ends when its generation does.
var errGenerationEnded = errors.New("the group's generation has ended")

// ending says what follows a generation.
type ending int

const (
	joinAgain  ending = iota
	leaveGroup        // and join as another member
)

// generation is one assignment of the group's partitions.
type generation struct {
	group *Group
	id    int
	// member is this member's name in the group.
	member string
	worker Worker
	log    *zap.Logger

	end       context.CancelCauseFunc
	uncertain atomic.Bool // a commit was left without an answer
}

// generation runs the workers of one generation until it ends: by the group, by ctx, by a fenced or unanswered commit,
// or because the topics are no longer those of before.
func (g *Group) generation(ctx context.Context, kgen *kafka.Generation, topics partitionCounts, w Worker) ending {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	gen := &generation{
		group: g, id: int(kgen.ID), member: kgen.MemberID, worker: w, end: end,
		log: g.log.With(zap.Int32("generation", kgen.ID)),
	}
	var claimed []Partition
	for topic, parts := range kgen.Assignments {
		for _, p := range parts {
			claimed = append(claimed, Partition{Topic: topic, ID: p.ID})
		}
	}
	g.joined(gen, len(claimed))
	gen.log.Info("joined the group", zap.String("member", gen.member), zap.Int("partitions", len(claimed)))

	result := make(chan ending, 1)
	// The only function of the generation besides the heartbeat's: it is under way until everything has stopped.
	kgen.Start(func(ended context.Context) {
		stop := context.AfterFunc(ended, func() { end(errGenerationEnded) })
		defer stop()
		then := gen.run(ctx, claimed, topics)
		g.ended()
		result <- then
		if then == leaveGroup {
			<-ended.Done() // by then the group is being left; to return earlier would join it again first
		}
	})
	return <-result
}

func (gen *generation) run(ctx context.Context, claimed []Partition, topics partitionCounts) ending {
	stopped := make(chan struct{})
	running := gen.startWorkers(ctx, claimed)
	go func() {
		defer close(stopped)
		gen.group.watch(ctx, topics)
		gen.end(errTopicsChanged)
		running.Wait()
	}()
	<-ctx.Done()
	t := time.NewTimer(gen.group.cfg.StopTimeout)
	defer t.Stop()
	select {
	case <-stopped:
	case <-t.C:
		gen.log.Error("workers did not stop in time; they are left behind, and what they commit is refused",
			zap.Duration("stop_timeout", gen.group.cfg.StopTimeout), zap.Stringers("partitions", running.left()))
		return leaveGroup
	}
	switch cause := context.Cause(ctx); {
	case gen.uncertain.Load(), errors.Is(cause, errTopicsChanged):
		return leaveGroup
	case errors.Is(cause, errGenerationEnded), errors.Is(cause, ErrFenced):
		return joinAgain
	default:
		return leaveGroup // Run's own context has ended
	}
}

var errTopicsChanged = errors.New("the topics or their partitions have changed")
