package app

import (
	"context"
	"errors"
	"fmt"

	"eventsync/consumer/internal/batch"
	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/sink"
)

// work syncs one claimed partition until its generation ends.
func (a *app) work(ctx context.Context, c *group.Claim) error {
	target, err := a.target(ctx, c.Topic)
	if err != nil {
		return err
	}
	start := c.Offset
	if start < 0 {
		log, err := a.client.Offsets(ctx, c.Topic, c.Partition)
		if err != nil {
			return err
		}
		start = log.First
	}
	reader := a.reader.Open(c.Topic, c.Partition, start)
	defer reader.Close()
	return partition.New(partition.Config{
		Topic:     c.Topic,
		Partition: c.Partition,
		Reader:    reader,
		Batches:   [2]partition.Batch{target.NewBatch(a.sink), target.NewBatch(a.sink)},
		Gate:      verdicts{a.gate},
		Commit:    c.Commit,
		Limits: partition.Limits{
			Rows: a.cfg.Consumer.Batch.Rows, Bytes: int(a.cfg.Consumer.Batch.Bytes), Interval: a.cfg.Consumer.Batch.Interval,
		},
		Log: a.log,
	}).Run(ctx, c.Offset >= 0, c.Metadata)
}

// target reads what the topic's target looks like now. It is asked for each claim, so that one that was mended is
// found mended.
func (a *app) target(ctx context.Context, topic string) (*batch.Target, error) {
	t, err := a.table(topic)
	if err != nil {
		return nil, err
	}
	d, err := a.sink.Describe(ctx, t.TargetName())
	if err != nil {
		return nil, err
	}
	if err := refuse(d); err != nil {
		return nil, err
	}
	columns := make([]batch.TargetColumn, len(d.Columns))
	for i, c := range d.Columns {
		columns[i] = batch.TargetColumn(c)
	}
	return batch.NewTarget(t.TargetName(), columns)
}

// refuse makes an error of what is wrong with a target: rows sent to it would not be safe.
func refuse(t *sink.Table) error {
	var errs []error
	for _, f := range t.Findings {
		errs = append(errs, fmt.Errorf("target %s: %v", t.Name, f))
	}
	return errors.Join(errs...)
}
