package publish

import (
	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// partition is one partition of one topic. The Publisher's mutex guards it, but for sealed and next, which the round in
// flight has to itself.
type partition struct {
	topic *topic
	id    int
	// last is the position published before the next change, zero after a start.
	last change.Position
	// filling are the batches of the round being filled, the last of which takes the next record.
	filling []*recordbatch.Builder
	// sealed is the memory of the batch under way.
	sealed kafkaclient.RecordSet
	// next is the least offset that the next batch can have: the one behind what was acknowledged, 0 after a start.
	next int64
}

// append adds a message, which takes no more than size, to the batches being filled, and tells by how much they grew.
func (p *partition) append(free *builders, timestamp int64, r *recordbatch.ProducerRecord, size int) int {
	n := len(p.filling)
	if n == 0 || p.filling[n-1].Size()+size > p.topic.limits.full {
		p.filling = append(p.filling, free.get())
		n++
	}
	b := p.filling[n-1]
	before := b.Size()
	b.Append(timestamp, r.Key, r.Value, r.Headers...)
	return b.Size() - before
}

// builders are those that no partition uses.
type builders []*recordbatch.Builder

func (b *builders) get() *recordbatch.Builder {
	n := len(*b)
	if n == 0 {
		return new(recordbatch.Builder)
	}
	last := (*b)[n-1]
	*b = (*b)[:n-1]
	return last
}

func (b *builders) put(used *recordbatch.Builder) {
	if used.Size() > 2*batchSize {
		return // made large by a single change: not worth keeping
	}
	used.Reset()
	*b = append(*b, used)
}
