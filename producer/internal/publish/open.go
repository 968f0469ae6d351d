package publish

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/kafkaclient"
	"eventsync/producer/internal/source"
)

// open makes sure of a table's topic and routes, for as long as what fails may pass.
func (p *Publisher) open(ctx context.Context, table source.Name) (*topic, error) {
	t := &topic{name: p.cfg.Kafka.Topic(table.String()), table: table}
	err := p.persist(ctx, "cannot make sure of the topic", t.name, func() error {
		remembered, err := p.remembered(ctx, table)
		if err != nil {
			return err
		}
		is, err := p.ensure(ctx, table, remembered)
		if err != nil {
			return err
		}
		t.limits = limitsOf(maxMessageBytes(is))
		switch last := remembered.newest(); {
		case is.Partitions < last:
			return p.tooFew(t.name, table, is.Partitions, last)
		case is.Partitions > last:
			t.routes, err = p.addRoute(ctx, table, is.Partitions, 1)
			return err
		default:
			t.routes = remembered
			return nil
		}
	})
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", table, err)
	}
	t.grow(t.routes.newest())
	return t, nil
}

// ensure creates the topic if need be, and says what it is like.
func (p *Publisher) ensure(ctx context.Context, table source.Name, remembered routes) (kafkaclient.Topic, error) {
	name, wanted := p.cfg.Kafka.Topic(table.String()), policyOf(p.cfg, table.String())
	is, err := p.client.Describe(ctx, name, settingsSeen...)
	if errors.Is(err, kafkaclient.ErrNoTopic) {
		if n := remembered.newest(); n > 0 {
			return is, p.gone(name, table, n)
		}
		return p.create(ctx, name, wanted)
	}
	if err != nil {
		return is, explain(p.cfg, name, err)
	}
	for _, f := range wanted.verify(p.cfg, name, is) {
		p.log.Warn("the topic is not as configured: "+f.Problem, zap.String("topic", name), zap.String("fix", f.Fix))
	}
	return is, nil
}

func (p *Publisher) create(ctx context.Context, name string, wanted policy) (kafkaclient.Topic, error) {
	if _, err := p.client.EnsureTopic(ctx, name, wanted.partitions, wanted.replication, wanted.settings...); err != nil {
		return kafkaclient.Topic{}, explain(p.cfg, name, err)
	}
	settings := make([]string, len(wanted.settings))
	for i, s := range wanted.settings {
		settings[i] = s.Name + "=" + s.Value
	}
	p.log.Info("the topic is made", zap.String("topic", name), zap.Int("partitions", wanted.partitions),
		zap.Int("replication", wanted.replication), zap.String("settings", strings.Join(settings, " ")))
	return p.client.Describe(ctx, name, settingsSeen...)
}

// persist tries again what fails in a way that may pass.
func (p *Publisher) persist(ctx context.Context, failed, topic string, try func() error) error {
	for retry := backoff.New(firstBackoff, lastBackoff); ; {
		err := try()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !mayPass(err) {
			return err
		}
		p.log.Warn(failed+"; trying again", zap.String("topic", topic), zap.Duration("after", retry.Next()), zap.Error(err))
		if err := retry.Wait(ctx); err != nil {
			return err
		}
	}
}

// mayPass reports whether an error of Kafka's or the source's may be another's next time. A topic that was just made is
// not known to every broker at once.
func mayPass(err error) bool {
	if refusal := (*source.Refusal)(nil); errors.As(err, &refusal) {
		return false
	}
	if memory := (*memoryError)(nil); errors.As(err, &memory) {
		return source.Transient(err)
	}
	return errors.Is(err, kafkaclient.ErrNoTopic) || kafkaclient.IsRetriable(err)
}
