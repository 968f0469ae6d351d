package publish

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient"
)

// topic is where the changes of a relation go.
type topic struct {
	partitions []*partition
}

// topicOf finds the topic of a relation, without a look at Kafka for one that was seen before. The mutex is held, and
// given up meanwhile where Kafka is asked.
func (p *Publisher) topicOf(ctx context.Context, r *change.Relation) (*topic, error) {
	if r == p.lastRelation {
		return p.lastTopic, nil
	}
	t, ok := p.byRelation[r]
	if !ok {
		p.mu.Unlock()
		name, n, err := p.ensure(ctx, r)
		p.mu.Lock()
		if err != nil {
			return nil, err
		}
		t = p.addTopic(name, n)
		p.byRelation[r] = t
	}
	p.lastRelation, p.lastTopic = r, t
	return t, nil
}

// addTopic keeps the partitions that are there: another relation of the same table may have come before.
func (p *Publisher) addTopic(name string, partitions int) *topic {
	if t, ok := p.byName[name]; ok {
		return t
	}
	t := &topic{}
	for id := range partitions {
		t.partitions = append(t.partitions, &partition{topic: name, id: id})
	}
	p.byName[name] = t
	return t
}

// ensure creates the relation's topic if need be.
func (p *Publisher) ensure(ctx context.Context, r *change.Relation) (name string, partitions int, err error) {
	name = p.cfg.Kafka.Topic(r.Name())
	want := p.cfg.Kafka.Partitions
	for i := range p.cfg.Tables {
		if t := &p.cfg.Tables[i]; t.Source == r.Name() && t.Partitions > 0 {
			want = t.Partitions
		}
	}
	for retry := backoff.New(firstBackoff, lastBackoff); ; {
		partitions, err = p.client.EnsureTopic(ctx, name, want, p.cfg.Kafka.Replication)
		switch {
		case err == nil && partitions != want:
			p.log.Warn("the topic has another number of partitions than configured; its own is used",
				zap.String("topic", name), zap.Int("partitions", partitions), zap.Int("configured", want))
			return name, partitions, nil
		case err == nil:
			return name, partitions, nil
		case !kafkaclient.IsRetriable(err):
			return "", 0, fmt.Errorf("table %s: %w", r.Name(), err)
		}
		p.log.Warn("cannot make sure of the topic; trying again", zap.Duration("after", retry.Next()), zap.Error(err))
		if err := retry.Wait(ctx); err != nil {
			return "", 0, err
		}
	}
}
