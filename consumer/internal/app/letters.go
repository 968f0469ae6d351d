package app

import (
	"context"

	"eventsync/consumer/internal/deadletter"
	"eventsync/consumer/internal/partition"
)

// letters is where a worker's dead letters go.
type letters struct{ writer *deadletter.Writer }

// Bury implements partition.Letters.
func (l letters) Bury(ctx context.Context, buried []partition.DeadLetter) error {
	all := make([]deadletter.Letter, len(buried))
	for i, b := range buried {
		all[i] = deadletter.Letter{
			Place:  deadletter.Place{Topic: b.Topic, Partition: b.Partition, Offset: b.Record.Offset},
			Record: b.Record, Code: b.Code, Detail: b.Reason,
		}
	}
	return l.writer.Bury(ctx, all)
}

var _ partition.Letters = letters{}
