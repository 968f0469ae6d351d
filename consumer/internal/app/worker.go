package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.uber.org/zap"

	"eventsync/consumer/internal/batch"
	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

var (
	_ partition.Failure = (*sink.Error)(nil)
	_ partition.Target  = (*sink.Target)(nil)
	_ batch.Server      = (*sink.Target)(nil)
)

// work syncs one claimed partition until its generation ends.
func (a *app) work(ctx context.Context, c *group.Claim) error {
	log := a.log.With(zap.String("topic", c.Topic), zap.Int("partition", c.Partition))
	table, err := a.table(c.Topic)
	if err != nil {
		return err
	}
	claim := a.seen.claims.claim(ctx, c, table.Source)
	topic, id, err := a.describe(ctx, c.Topic, log)
	if err != nil {
		return err
	}
	if err := a.owned(ctx, c, table, id, log); err != nil {
		return err
	}
	policy, err := a.policy(ctx, c, table, log)
	if err != nil {
		return err
	}
	target, columns, err := a.target(ctx, c.Partition, table, log)
	if err != nil {
		return err
	}
	start := c.Offset
	if start < 0 {
		var ends kafkaclient.Offsets
		err := again(ctx, log, "waiting for Kafka", kafkaclient.IsRetriable, func(ctx context.Context) (err error) {
			ends, err = a.client.Offsets(ctx, c.Topic, c.Partition)
			return err
		})
		if err != nil {
			return err
		}
		start = ends.First
	}
	newBatch := func() partition.Batch {
		return policy.batch(a.seen.inserts.measure(columns.NewBatch(target), table.Source))
	}
	reader := a.reader.Open(c.Topic, c.Partition, start)
	defer reader.Close()
	w := partition.New(partition.Config{
		Topic:     c.Topic,
		TopicID:   id,
		Compacted: strings.Contains(topic.Settings[cleanupPolicy], "compact"),
		Partition: c.Partition,
		Reader:    reader,
		Batches:   [2]partition.Batch{newBatch(), newBatch()},
		Target:    target,
		Gate:      verdicts{a.gate, func() { a.seen.cursors.disabled(table.Source) }},
		Claim:     c,
		Letters:   letters{a.dead},
		Budget:    a.shared.budget(c.Topic, c.Partition),
		Pace:      a.shared.pace(c.Topic),
		Lanes:     a.shared.lanes,
		Limits:    partition.Limits{Rows: a.cfg.Consumer.Batch.Rows, Bytes: int(a.cfg.Consumer.Batch.Bytes)},
		Settled:   a.cfg.Consumer.SessionTimeout + sink.ReceiveTimeout + sink.MaxExecutionTime,
		Committed: func(m partition.Mark) {
			claim.marked()
			a.seen.cursors.mark(claim.Partition, table, id, m)
		},
		Log: a.log,
	})
	return claim.run(w, func() error { return w.Run(ctx, c.Offset >= 0, c.Metadata) })
}

const cleanupPolicy = "cleanup.policy"

// describe asks what the topic is like, and which of its name it is.
func (a *app) describe(ctx context.Context, topic string, log *zap.Logger) (t kafkaclient.Topic, id string, err error) {
	err = again(ctx, log, "waiting for Kafka", kafkaclient.IsRetriable, func(ctx context.Context) (err error) {
		if t, err = a.client.Describe(ctx, topic, cleanupPolicy); err == nil {
			id, err = a.client.TopicID(ctx, topic)
		}
		return err
	})
	return t, id, err
}

// target reads what the topic's target looks like now, on the partition's shard. It is asked for each claim, so that one
// that was mended is found mended. A server that is away is waited for, and is no reason to give the partition up.
func (a *app) target(ctx context.Context, partition int, t config.Table, log *zap.Logger) (*sink.Target, *batch.Target, error) {
	server := a.sink.Server(partition)
	var d *sink.Table
	err := again(ctx, log, "waiting for ClickHouse", passes, func(ctx context.Context) (err error) {
		d, err = server.Describe(ctx, t.TargetName())
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if err := refuse(d); err != nil {
		return nil, nil, err
	}
	columns := make([]batch.TargetColumn, len(d.Columns))
	for i, c := range d.Columns {
		columns[i] = batch.TargetColumn(c)
	}
	b, err := batch.NewTarget(t.TargetName(), d.Engine, columns)
	return server.Target(d), b, err
}

// refuse makes an error of what is wrong with a target: rows sent to it would not be safe.
func refuse(t *sink.Table) error {
	var errs []error
	for _, f := range t.Findings {
		errs = append(errs, fmt.Errorf("target %s: %v", t.Name, f))
	}
	return errors.Join(errs...)
}
