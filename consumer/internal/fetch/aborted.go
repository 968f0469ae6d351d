package fetch

import (
	"eventsync/pkg/kafkaclient/rawfetch"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// abortedFilter tells the batches of aborted transactions in one answer: from the transaction's first offset, which
// the answer lists, to the control record that ends it.
type abortedFilter struct {
	coming []rawfetch.AbortedTransaction // by first offset
	open   map[int64]struct{}            // producers in the middle of one
}

func (f *abortedFilter) reset(aborted []rawfetch.AbortedTransaction) {
	f.coming = aborted
	clear(f.open)
}

// passOver reports whether the batch, which must be verified if it is a control batch, holds nothing for a consumer.
func (f *abortedFilter) passOver(b *recordbatch.Batch) bool {
	for len(f.coming) > 0 && f.coming[0].FirstOffset <= b.LastOffset {
		if f.open == nil {
			f.open = make(map[int64]struct{})
		}
		f.open[f.coming[0].ProducerID] = struct{}{}
		f.coming = f.coming[1:]
	}
	if b.Control {
		if b.Aborts() {
			delete(f.open, b.ProducerID)
		}
		return true
	}
	_, aborted := f.open[b.ProducerID]
	return aborted && b.Transactional
}
