package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.uber.org/zap"

	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/migrate"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/config"
)

// policy asks of each relation that a worker meets whether its changes may be inserted. It belongs to the worker.
type policy struct {
	app       *app
	ctx       context.Context // of the worker, which lives as long as the policy
	table     config.Table
	topic     string
	partition int
	// there is what the target looked like before the batches' columns were read: what was added since is at most added
	// again.
	there    *migrate.Table
	admitted map[*change.Relation]bool
	log      *zap.Logger
}

// policy reads what the target looks like now.
func (a *app) policy(ctx context.Context, c *group.Claim, t config.Table, log *zap.Logger) (*policy, error) {
	p := &policy{app: a, ctx: ctx, table: t, topic: c.Topic, partition: c.Partition, admitted: map[*change.Relation]bool{}, log: log}
	err := again(ctx, log, "waiting for ClickHouse", passes, func(ctx context.Context) (err error) {
		p.there, err = definition(ctx, p.server(), t.TargetName())
		return err
	})
	return p, err
}

// server is the shard that the partition's rows go to.
func (p *policy) server() *sink.Server { return p.app.sink.Server(p.partition) }

func (p *policy) target() migrate.Target { return targetOf(p.app.cfg, p.table, p.server()) }

// admit returns nil where the relation's changes may be inserted. Where the target had to be altered for it, the error
// is group.ErrRestart: the worker reads the target's columns anew.
func (p *policy) admit(r *change.Relation) error {
	if p.admitted[r] || p.there == nil {
		return nil
	}
	a := migrate.Admit(p.target(), r, p.there)
	if a.Stop != nil {
		return a.Stop
	}
	if err := p.dropped(a.Suspects); err != nil {
		return err
	}
	if len(a.Alter) > 0 {
		return p.alter(r)
	}
	p.admitted[r] = true
	return nil
}

// dropped asks the topic's end whether the columns are gone: the relation may as well be of before they were there.
func (p *policy) dropped(suspects []string) error {
	if len(suspects) == 0 {
		return nil
	}
	n, err := newestRelation(p.ctx, p.app.client, p.topic)
	if err != nil || n == nil {
		return err
	}
	return migrate.Dropped(p.target(), n.relation, suspects)
}

// alter runs what the policies allow, on every shard, and has the worker start again. Another worker, or another
// consumer, may do the same at the same time.
func (p *policy) alter(r *change.Relation) error {
	p.app.shared.altering.Lock()
	defer p.app.shared.altering.Unlock()
	var run []string
	for _, server := range p.app.sink.Servers() {
		there, err := definition(p.ctx, server, p.table.TargetName())
		if err != nil {
			return err
		}
		if there == nil {
			return &sink.NoTableError{Database: p.app.cfg.ClickHouse.Database, Table: p.table.TargetName()}
		}
		for _, step := range migrate.Admit(targetOf(p.app.cfg, p.table, server), r, there).Alter {
			if err := server.Exec(p.ctx, step.SQL); err != nil {
				return fmt.Errorf("alter the target for source %s: %w", r.Name(), err)
			}
			p.log.Info("target altered for its source", zap.String("source", r.Name()), zap.String("target", p.table.TargetName()),
				zap.String("change", step.Sign+" "+step.Text), zap.String("sql", step.SQL), zap.String("server", server.Name))
			run = append(run, step.SQL)
		}
	}
	what := strings.Join(run, "; ")
	if len(run) > 0 && !p.app.shared.altered.first(fmt.Sprintf("%s/%d %s", p.topic, p.partition, what)) {
		return fmt.Errorf("source %s: the target was altered before, and is as it was: %s", r.Name(), what)
	}
	return fmt.Errorf("target %s was altered for source %s: %w", p.table.TargetName(), r.Name(), group.ErrRestart)
}

// admitting is a batch that takes changes of admitted relations.
type admitting struct {
	partition.Batch
	policy *policy
	last   *change.Relation
}

func (p *policy) batch(b partition.Batch) partition.Batch { return &admitting{Batch: b, policy: p} }

func (b *admitting) Append(m *codec.Message) (bool, error) {
	if m.Relation != b.last {
		if err := b.policy.admit(m.Relation); err != nil {
			return false, err
		}
		b.last = m.Relation
	}
	return b.Batch.Append(m)
}

// onces remembers what was done.
type onces struct {
	mu   sync.Mutex
	done []string
}

// first reports whether it is the first time.
func (o *onces) first(what string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if slices.Contains(o.done, what) {
		return false
	}
	o.done = append(o.done, what)
	return true
}
