package app

import (
	"context"
	"sync/atomic"
	"time"

	"eventsync/pkg/change"
	"eventsync/producer/internal/replication"
)

// intake is the first that the stream's changes come to. It sees a change that waits anywhere behind it: for a joined
// column, for its topic, for room.
type intake struct {
	replication.Publisher

	transactions atomic.Uint64
	last         change.LSN // the commit of the last change

	began  atomic.Int64 // when the call under way began, in nanoseconds since 1970; 0 for none
	oldest atomic.Int64 // the commit time of its first change
}

// Publish gives the changes on.
func (i *intake) Publish(ctx context.Context, changes []change.Change) error {
	if len(changes) == 0 {
		return i.Publisher.Publish(ctx, changes)
	}
	var transactions uint64
	for k := range changes {
		if commit := changes[k].Position.Commit; commit != i.last {
			i.last = commit
			transactions++
		}
	}
	i.transactions.Add(transactions)
	i.oldest.Store(changes[0].CommitTime)
	i.began.Store(time.Now().UnixNano())
	defer i.began.Store(0)
	return i.Publisher.Publish(ctx, changes)
}

// waiting gives since when a call is under way, and when the first of its changes was committed; zero where there is none.
func (i *intake) waiting() (since, committed time.Time) {
	began, oldest := i.began.Load(), i.oldest.Load()
	if began == 0 {
		return since, committed
	}
	return time.Unix(0, began), time.UnixMicro(oldest)
}
