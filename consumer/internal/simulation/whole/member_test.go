package whole

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"eventsync/consumer/internal/batch"
	"eventsync/consumer/internal/deadletter"
	"eventsync/consumer/internal/fetch"
	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/simulation/stage"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

const groupID = "eventsync"

// member is one consumer: what its process has, wired as app does it.
type member struct {
	w      *world
	name   string
	dice   *stage.Dice
	net    *network
	client *kafkaclient.Client
	reader *fetch.Factory
	dead   *deadletter.Writer
	log    *zap.Logger
	limits partition.Limits

	pace    *partition.Pace
	budgets [partitions]*partition.Budget

	stop context.CancelFunc
	done chan struct{}
}

// join starts a member.
func (w *world) join(ctx context.Context) (*member, error) {
	w.born++
	m := &member{w: w, name: fmt.Sprintf("member %d", w.born), dice: stage.NewDice(w.seed, uint64(100+w.born)), done: make(chan struct{})}
	m.net = newNetwork(w, m.name, m.dice)
	m.log = zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(zapcore.EncoderConfig{MessageKey: "m", ConsoleSeparator: "  "}), &told{m}, zapcore.InfoLevel))
	cfg := &config.Config{Kafka: config.Kafka{Brokers: w.brokers, TopicPrefix: "cdc", Replication: 1}, Consumer: config.Consumer{Group: groupID}}
	var err error
	if m.client, err = kafkaclient.New(cfg.Kafka, m.name, kafkaclient.WithDial(m.net.connect)); err != nil {
		return nil, err
	}
	if m.dead, err = deadletter.NewWriter(m.client, cfg, m.log); err != nil {
		return nil, err
	}
	m.reader = fetch.NewFactory(m.client, m.log)
	m.limits = partition.Limits{Rows: 1 + m.dice.Intn(20), Bytes: 1 << 20}
	m.pace = partition.NewPace(batchInterval, batchWait)
	for p := range m.budgets {
		m.budgets[p] = partition.NewBudget(1_000_000)
	}
	gcfg := group.DefaultConfig()
	gcfg.ID, gcfg.Topics, gcfg.SessionTimeout = groupID, []string{topic}, session
	gcfg.FirstRetry, gcfg.LastRetry = firstRetry, lastRetry
	g, err := group.New(m.client, gcfg, m.log)
	if err != nil {
		return nil, err
	}
	ctx, m.stop = context.WithCancel(ctx)
	w.Say("%s begins, with batches of %d rows", m.name, m.limits.Rows)
	w.members = append(w.members, m)
	w.all.Go(func() {
		defer close(m.done)
		defer m.client.Close()
		_ = g.Run(ctx, m.work) // it ends with ctx
		w.Say("%s has ended", m.name)
	})
	return m, nil
}

// told has what a member logs in the world's trace.
type told struct{ m *member }

func (t *told) Write(b []byte) (int, error) {
	t.m.w.Say("%s: %s", t.m.name, strings.TrimSpace(string(b)))
	return len(b), nil
}

func (t *told) Sync() error { return nil }

// work syncs one claimed partition, as app does.
func (m *member) work(ctx context.Context, c *group.Claim) error {
	err := m.sync(ctx, c)
	switch {
	case err == nil, errors.Is(err, group.ErrFenced), errors.Is(err, group.ErrUncertain), ctx.Err() != nil, kafkaclient.IsRetriable(err):
	default:
		m.w.Fail("%s stops partition %d: %v", m.name, c.Partition, err)
	}
	return err
}

func (m *member) sync(ctx context.Context, c *group.Claim) error {
	w := m.w
	w.seen.claims.Add(1)
	id, err := m.client.TopicID(ctx, c.Topic)
	if err != nil {
		return err
	}
	columns, err := batch.NewTarget(tableName, w.engine, []batch.TargetColumn{
		{Name: "id", Type: "Int64"},
		{Name: "part", Type: "UInt8"},
		{Name: "note", Type: "String"},
		{Name: batch.VersionColumn, Type: "UInt64"},
		{Name: batch.DeletedColumn, Type: "UInt8"},
	})
	if err != nil {
		return err
	}
	s := &server{w: w, partition: c.Partition, net: m.net, dice: m.dice}
	reader := m.reader.Open(c.Topic, c.Partition, max(c.Offset, 0))
	defer reader.Close()
	worker := partition.New(partition.Config{
		Topic: c.Topic, TopicID: id, Partition: c.Partition, Reader: reader,
		Batches: [2]partition.Batch{columns.NewBatch(s), columns.NewBatch(s)}, Target: s, Gate: w, Claim: c, Letters: &letters{m}, Budget: m.budgets[c.Partition],
		Pace: m.pace, Limits: m.limits, Settled: settled, Log: m.log,
		Committed: func(mark partition.Mark) { w.watermark(m.name, c.Partition, mark.Offset) },
	})
	err = worker.Run(ctx, c.Offset >= 0, c.Metadata)
	w.count(worker.Progress())
	return err
}

// kill ends the member as kill -9 does: nothing that it does has an effect any more.
func (m *member) kill() {
	m.w.Say("%s is killed", m.name)
	m.net.kill()
	m.stop()
}

// letters is a member's way to the topic of dead letters.
type letters struct{ m *member }

func (l *letters) Bury(ctx context.Context, buried []partition.DeadLetter) error {
	all := make([]deadletter.Letter, len(buried))
	for i, b := range buried {
		all[i] = deadletter.Letter{Place: deadletter.Place{Topic: b.Topic, Partition: b.Partition, Offset: b.Record.Offset}, Record: b.Record, Code: b.Code, Detail: b.Reason}
	}
	err := l.m.dead.Bury(ctx, all)
	if err == nil {
		l.m.w.buried(buried)
	}
	return err
}
