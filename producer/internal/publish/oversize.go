package publish

import (
	"fmt"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// OversizeError says that a change does not fit into a message that the broker takes.
type OversizeError struct {
	Topic    string
	Key      string
	Position change.Position
	Size     int // of its record batch, compressed
}

func (e *OversizeError) Error() string {
	return fmt.Sprintf("topic %s: the change at %v with key %s makes a record batch of %d bytes, and the limit is %d: "+
		"make the row smaller, or leave its large columns out of the publication (ALTER PUBLICATION ... SET TABLE with a column list)",
		e.Topic, e.Position, e.Key, e.Size, maxBatch)
}

// checkSize compresses a record that is large alone: it will have a batch of its own.
func (p *Publisher) checkSize(part *partition, c *change.Change, r *recordbatch.ProducerRecord) error {
	if recordbatch.RecordSize(r.Key, r.Value, r.Headers...) <= batchSize {
		return nil
	}
	var b recordbatch.Builder
	b.Append(0, r.Key, r.Value, r.Headers...)
	if n := len(b.Seal(nil, p.compressor)); n > maxBatch {
		return &OversizeError{Topic: part.topic, Key: string(r.Key), Position: c.Position, Size: n}
	}
	return nil
}
