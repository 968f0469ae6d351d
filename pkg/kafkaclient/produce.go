package kafkaclient

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"eventsync/pkg/kafkaclient/recordbatch"
)

// RecordSet is a sealed batch as a Produce request carries it: its size, then the batch.
type RecordSet []byte

const sizePrefix = 4

// Seal makes a RecordSet of the Builder's records, in dst's memory.
func Seal(dst RecordSet, b *recordbatch.Builder, c *recordbatch.Compressor) RecordSet {
	dst = append(dst[:0], make([]byte, sizePrefix)...)
	dst = b.Seal(dst, c)
	binary.BigEndian.PutUint32(dst, uint32(dst.Size())) //nolint:gosec // G115: a batch is far below 4 GiB
	return dst
}

// Size is that of the batch.
func (s RecordSet) Size() int { return len(s) - sizePrefix }

// Produce writes the batch to the partition, and gives the offset of its first record, -1 if the broker did not say,
// once all replicas in sync have acknowledged it. It is tried once. When it fails, the request may still be reading the
// RecordSet: it is not to be used again.
func (c *Client) Produce(ctx context.Context, topic string, partition int, set RecordSet) (offset int64, err error) {
	r, err := c.RawProduce(ctx, &kafka.RawProduceRequest{
		Topic:        topic,
		Partition:    partition,
		RequiredAcks: kafka.RequireAll,
		RawRecords:   protocol.RawRecordSet{Reader: bytes.NewReader(set)},
	})
	if err != nil {
		return 0, c.Explain(err)
	}
	return r.BaseOffset, r.Error
}

// ErrTooLarge is a broker's refusal of a batch for its size; IsTooLarge knows all of them.
var ErrTooLarge error = kafka.MessageSizeTooLarge

// IsTooLarge reports whether a batch was refused for its size.
func IsTooLarge(err error) bool {
	return errors.Is(err, kafka.MessageSizeTooLarge) || errors.Is(err, kafka.RecordListTooLarge)
}
