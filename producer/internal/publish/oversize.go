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

// checkSize compresses the change at hand alone: it will have a batch of its own.
func (p *Publisher) checkSize(part *partition, c *change.Change, key []byte) error {
	var b recordbatch.Builder
	b.Append(0, key, p.value)
	if n := len(b.Seal(nil, p.compressor)); n > maxBatch {
		return &OversizeError{Topic: part.topic, Key: string(key), Position: c.Position, Size: n}
	}
	return nil
}
