package publish

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// How long a request that failed waits before it is sent again.
const (
	firstBackoff = 20 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

// sendParcel sends a partition's batches one after the other: a broker takes one batch of a partition in a request.
func (p *Publisher) sendParcel(ctx context.Context, parcel *parcel) error {
	part := parcel.partition
	for _, b := range parcel.batches {
		p.sealBatch(part, b)
		size := len(part.sealed) - sizePrefix
		if err := p.sendBatch(ctx, part); err != nil {
			return err
		}
		p.counters.add(b, size)
	}
	return nil
}

// sizePrefix is what kafka-go expects before a raw record set: its size.
const sizePrefix = 4

func (p *Publisher) sealBatch(part *partition, b *recordbatch.Builder) {
	part.sealed = append(part.sealed[:0], make([]byte, sizePrefix)...)
	part.sealed = b.Seal(part.sealed, p.compressor)
	binary.BigEndian.PutUint32(part.sealed, uint32(len(part.sealed)-sizePrefix)) //nolint:gosec // G115: a batch is far below 4 GiB
}

// maxCorrupt is how often a broker may find a batch corrupt before that is taken to be our fault, not the network's.
const maxCorrupt = 5

// sendBatch sends the sealed batch until it is acknowledged, or refused for good.
func (p *Publisher) sendBatch(ctx context.Context, part *partition) error {
	batch := part.sealed
	retry := backoff.New(firstBackoff, lastBackoff)
	for corrupt := 0; ; {
		err := p.produce(ctx, part, batch)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(err, kafka.InvalidMessage) {
			corrupt++
		}
		if !kafkaclient.IsRetriable(err) || corrupt == maxCorrupt {
			return fmt.Errorf("%s, partition %d: %w", part.topic, part.id, err)
		}
		part.sealed = nil // a request that was given up may be reading it still
		p.counters.retries.Add(1)
		p.log.Warn("publish failed; trying again", zap.String("topic", part.topic), zap.Int("partition", part.id),
			zap.Duration("after", retry.Next()), zap.Error(err))
		if err := retry.Wait(ctx); err != nil {
			return err
		}
	}
}

func (p *Publisher) produce(ctx context.Context, part *partition, batch []byte) error {
	r, err := p.client.RawProduce(ctx, &kafka.RawProduceRequest{
		Topic:        part.topic,
		Partition:    part.id,
		RequiredAcks: kafka.RequireAll,
		RawRecords:   protocol.RawRecordSet{Reader: bytes.NewReader(batch)},
	})
	switch {
	case err != nil:
		return p.client.Explain(err)
	case errors.Is(r.Error, kafka.MessageSizeTooLarge):
		return fmt.Errorf("a record batch of %d bytes is over the topic's max.message.bytes: set that to %d or more: %w", len(batch)-sizePrefix, maxBatch, r.Error)
	default:
		return r.Error
	}
}
