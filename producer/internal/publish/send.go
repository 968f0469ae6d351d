package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
	"eventsync/producer/internal/source"
)

// How long a request that failed waits before it is sent again.
const (
	firstBackoff = 20 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

// sendParcel sends a partition's batches one after the other: a broker takes one batch of a partition in a request.
func (p *Publisher) sendParcel(ctx context.Context, parcel *parcel) error {
	for _, b := range parcel.batches {
		if err := p.sendRecords(ctx, parcel.partition, b); err != nil {
			return err
		}
	}
	return nil
}

// sendRecords sends a batch, in parts if it is too large: the topic may take less than it did when the batch was filled.
func (p *Publisher) sendRecords(ctx context.Context, part *partition, b *recordbatch.Builder) error {
	part.sealed = kafkaclient.Seal(part.sealed, b, p.compressor)
	size := part.sealed.Size()
	err := p.sendBatch(ctx, part, b.Count())
	switch {
	case err == nil:
		p.counters.add(b, size)
		p.batchBytes.Observe(float64(size))
		return nil
	case !kafkaclient.IsTooLarge(err):
		return err
	case b.Count() > 1:
		p.log.Warn("a batch is larger than the topic takes: sending its halves",
			zap.String("topic", part.topic.name), zap.Int("partition", part.id), zap.Int("size", size))
		var later recordbatch.Builder
		b.Split(&later)
		if err := p.sendRecords(ctx, part, b); err != nil {
			return err
		}
		return p.sendRecords(ctx, part, &later)
	default:
		return fmt.Errorf("a message makes a record batch of %d bytes, which is more than the topic takes, and less than it was said to take: "+
			"raise its max.message.bytes again; or let it be, and what is too large becomes a dead letter after a restart: %w", size, err)
	}
}

// maxCorrupt is how often a broker may find a batch corrupt before that is taken to be our fault, not the network's.
const maxCorrupt = 5

// patience is how long a topic may be unknown to brokers: they learn of it, and forget it, at different times.
const patience = 30 * time.Second

// sendBatch sends the sealed batch of so many records until it is acknowledged, or refused for good.
func (p *Publisher) sendBatch(ctx context.Context, part *partition, records int) error {
	batch := part.sealed
	retry := backoff.New(firstBackoff, lastBackoff)
	var unknown time.Time // since when the topic is
	for corrupt := 0; ; {
		offset, err := p.client.Produce(ctx, part.topic.name, part.id, batch)
		if err == nil {
			return p.advance(part, offset, records)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(err, kafka.InvalidMessage) {
			corrupt++
		}
		if !kafkaclient.IsRetriable(err) || corrupt == maxCorrupt {
			return explain(p.cfg, part.topic.name, fmt.Errorf("%s, partition %d: %w", part.topic.name, part.id, err))
		}
		switch {
		case !isUnknown(err):
			unknown = time.Time{}
		case unknown.IsZero():
			unknown = time.Now()
		case time.Since(unknown) > p.patience:
			if err := p.stillThere(ctx, part); err != nil {
				return err
			}
		}
		part.sealed = nil // a request that was given up may be reading it still
		p.counters.retries.Add(1)
		p.log.Warn("publish failed; trying again", zap.String("topic", part.topic.name), zap.Int("partition", part.id),
			zap.Duration("after", retry.Next()), zap.Error(err))
		if err := retry.Wait(ctx); err != nil {
			return err
		}
	}
}

func isUnknown(err error) bool {
	return errors.Is(err, kafka.UnknownTopicOrPartition) || errors.Is(err, protocol.ErrNoTopic) || errors.Is(err, protocol.ErrNoPartition)
}

// stillThere refuses a topic that is gone. What cannot be asked now is no reason.
func (p *Publisher) stillThere(ctx context.Context, part *partition) error {
	t := part.topic
	switch n, err := p.client.Partitions(ctx, t.name); {
	case errors.Is(err, kafkaclient.ErrNoTopic):
		return p.gone(t.name, t.table, len(t.partitions))
	case err == nil && n <= part.id:
		return p.tooFew(t.name, t.table, n, len(t.partitions))
	default:
		return nil
	}
}

// advance notes where the log of a partition ends, which is never before where it ended.
func (p *Publisher) advance(part *partition, offset int64, records int) error {
	if offset < 0 { // the broker did not say
		return nil
	}
	if offset < part.next && part.topic.table != (source.Name{}) {
		return p.wentBack(part, offset)
	}
	part.next = offset + int64(records)
	return nil
}
