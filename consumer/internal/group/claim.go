package group

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"
)

var (
	// ErrFenced says that a commit was refused, since the partition is no longer this member's: stop, leave everything.
	ErrFenced = errors.New("the commit was refused: the partition has moved on")
	// ErrUncertain says that a commit had no answer: it may be there, or come later. Stop; what is committed is read again
	// when this member has joined anew.
	ErrUncertain = errors.New("the commit had no answer")
	// ErrMetadataSize says that the metadata is longer than the broker keeps: it would store none, and say nothing.
	ErrMetadataSize = errors.New("the metadata is too long")
)

// MaxMetadata is the most bytes of metadata in a commit. Brokers count characters, of which there are never more.
const MaxMetadata = 4096

// Claim is a partition that this member has in this generation. It belongs to its Worker's goroutine.
type Claim struct {
	Topic     string
	Partition int
	// Offset and Metadata are what was committed when the Worker started; the offset is -1 when nothing was.
	Offset   int64
	Metadata string
	// Generation is the group's.
	Generation int

	gen   *generation
	lease time.Time
}

func (gen *generation) claim(ctx context.Context, p Partition) (*Claim, error) {
	offset, metadata, err := gen.group.committed(ctx, p)
	if err != nil {
		return nil, err
	}
	return &Claim{Topic: p.Topic, Partition: p.ID, Offset: offset, Metadata: metadata, Generation: gen.id, gen: gen}, nil
}

// Commit commits the offset with metadata, under this generation and member. It is sent once; the end of ctx does not
// give up the answer, which is waited for within half the session timeout.
func (c *Claim) Commit(ctx context.Context, offset int64, metadata string) error {
	if n := len(metadata); n > MaxMetadata {
		return fmt.Errorf("%s, partition %d: commit %d: %w: %d bytes, and the limit is %d", c.Topic, c.Partition, offset, ErrMetadataSize, n, MaxMetadata)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s, partition %d: commit %d: not sent: %w", c.Topic, c.Partition, offset, context.Cause(ctx))
	}
	sent := time.Now()
	if err := c.commit(ctx, offset, metadata); err != nil {
		return fmt.Errorf("%s, partition %d: commit %d: %w", c.Topic, c.Partition, offset, err)
	}
	c.lease = sent.Add(c.gen.group.cfg.SessionTimeout)
	return nil
}

// Held reports whether no other member can have this partition yet: the last acknowledged commit was sent within the
// session timeout. Both clocks must say so: the monotonic one stands still while a machine sleeps, and the wall clock
// can be set back.
func (c *Claim) Held() bool {
	now := time.Now()
	return now.Before(c.lease) && now.Round(0).Before(c.lease.Round(0))
}

func (c *Claim) commit(ctx context.Context, offset int64, metadata string) error {
	g := c.gen.group
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.cfg.SessionTimeout/2)
	defer cancel()
	r, err := g.client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
		GroupID:      g.cfg.ID,
		GenerationID: c.gen.id,
		MemberID:     c.gen.member,
		Topics:       map[string][]kafka.OffsetCommit{c.Topic: {{Partition: c.Partition, Offset: offset, Metadata: metadata}}},
	})
	if err == nil {
		err = answerOf(r, c.Topic, c.Partition)
	}
	switch {
	case err == nil:
		return nil
	case isFenced(err):
		return c.lost(fmt.Errorf("%w: %w", ErrFenced, err))
	case errors.Is(err, kafka.GroupAuthorizationFailed), errors.Is(err, kafka.TopicAuthorizationFailed), errors.Is(err, kafka.OffsetMetadataTooLarge):
		return err // refused for good, by rule and not by generation
	default:
		c.gen.uncertain.Store(true)
		return c.lost(fmt.Errorf("%w: %w", ErrUncertain, g.client.Explain(err)))
	}
}

// lost ends the generation, whatever the worker makes of the error.
func (c *Claim) lost(err error) error {
	c.gen.log.Warn("joining the group again", zap.String("topic", c.Topic), zap.Int("partition", c.Partition), zap.Error(err))
	c.gen.end(err)
	return err
}

func answerOf(r *kafka.OffsetCommitResponse, topic string, partition int) error {
	for _, p := range r.Topics[topic] {
		if p.Partition == partition {
			return p.Error
		}
	}
	return errNotAnswered
}

// isFenced reports whether the broker refused the commit for what this member is, or for what the group is doing.
func isFenced(err error) bool {
	for _, e := range []kafka.Error{kafka.IllegalGeneration, kafka.UnknownMemberId, kafka.RebalanceInProgress, kafka.FencedInstanceID} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
