package app

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
)

// OwnerError says that another group syncs the table.
type OwnerError struct {
	Table, Owner, Group string
	At                  time.Time
}

func (e *OwnerError) Error() string {
	return fmt.Sprintf("target %s is synced by group %s, which was there last at %s: two groups would put every row there twice; "+
		"give this group a target of its own, or stop the other's consumers for good and run consumer watermark take-over %s",
		e.Table, e.Owner, e.At.Format(time.RFC3339), e.Table)
}

// ForgottenError says that a group's offset is gone, though the partition was synced.
type ForgottenError struct {
	Table     string
	Partition int
	Offset    int64
	At        time.Time
	Anew      bool // the topic was deleted and made anew, which takes its groups' offsets with it
}

func (e *ForgottenError) Error() string {
	if e.Anew {
		return fmt.Sprintf("the topic was deleted and made anew since target %s had partition %d of it up to offset %d at %s: "+
			"what this one holds may be in the target already, and what the old one held may not; run consumer watermark restore %s, then producer snapshot",
			e.Table, e.Partition, e.Offset, e.At.Format(time.RFC3339), e.Table)
	}
	return fmt.Sprintf("the group has no committed offset, though sync_cursors says that target %s had partition %d up to offset %d at %s: "+
		"the offset expired or was deleted (offsets.retention.minutes), and to begin anew would put rows there twice; run consumer watermark restore %s",
		e.Table, e.Partition, e.Offset, e.At.Format(time.RFC3339), e.Table)
}

// owned makes sure that the claimed partition is this group's to sync, and that what it has committed is not lost.
func (a *app) owned(ctx context.Context, c *group.Claim, table config.Table, topicID string, log *zap.Logger) error {
	var all map[int]sink.Cursor
	err := again(ctx, log, "waiting for ClickHouse", passes, func(ctx context.Context) (err error) {
		all, err = a.sink.ReadCursors(ctx, table.TargetName())
		return err
	})
	if err != nil {
		return err
	}
	for _, cursor := range all { // the table has one owner, whatever the partition
		if cursor.Group != "" && cursor.Group != a.cfg.Consumer.Group {
			return &OwnerError{Table: cursor.Table, Owner: cursor.Group, Group: a.cfg.Consumer.Group, At: cursor.At}
		}
	}
	if cursor, ok := all[c.Partition]; ok && c.Offset < 0 {
		return &ForgottenError{Table: cursor.Table, Partition: c.Partition, Offset: cursor.Offset, At: cursor.At, Anew: another(cursor.TopicID, topicID)}
	}
	return nil
}

// another tells whether two topics of one name are not the same; a broker that has no ids does not say.
func another(id, topicID string) bool { return id != "" && topicID != "" && id != topicID }
