package publish

import (
	"fmt"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// OversizeError says that a change does not fit into a message that the broker takes.
type OversizeError struct {
	Topic     string
	Partition int
	Key       string
	Position  change.Position
	Size      int // of its record batch, compressed
	Limit     int
}

func (e *OversizeError) Error() string {
	return fmt.Sprintf("topic %s: the change at %v with key %s makes a record batch of %d bytes, and the limit (max.message.bytes) is %d: "+
		"raise it, make the row smaller, or leave its large columns out of the publication (ALTER PUBLICATION ... SET TABLE with a column list)",
		e.Topic, e.Position, e.Key, e.Size, e.Limit)
}

// maxPlain bounds a message before it is compressed: whoever reads it needs that much memory.
const maxPlain = 256 << 20

// sizeOf is the most that a record takes in a batch.
func sizeOf(r *recordbatch.ProducerRecord) int {
	return recordbatch.RecordSize(r.Key, r.Value, r.Headers...)
}

// checkSize gives nil for a record of that size that fits. One that is large is compressed alone: it will have a batch of
// its own.
func (p *Publisher) checkSize(part *partition, c *change.Change, r *recordbatch.ProducerRecord, size int) *OversizeError {
	limits := &part.topic.limits
	n := recordbatch.HeaderSize + size
	if n <= limits.full {
		return nil
	}
	if n <= maxPlain {
		var b recordbatch.Builder
		b.Append(0, r.Key, r.Value, r.Headers...)
		if n = len(b.Seal(nil, p.compressor)); n <= limits.taken {
			return nil
		}
	}
	return &OversizeError{Topic: part.topic.name, Partition: part.id, Key: string(r.Key), Position: c.Position, Size: n, Limit: limits.taken}
}
