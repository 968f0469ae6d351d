package publish

import (
	"context"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// topic is where the changes of a table go. The Publisher's mutex guards what changes in it.
type topic struct {
	name       string
	table      source.Name
	partitions []*partition
	routes     routes
	limits     limits

	last   change.LSN // the greatest commit given to Publish, without its epoch
	held   bool       // while a route is being added
	counts [change.Truncate + 1]uint64
}

// limits are how large a batch may be.
type limits struct {
	taken int // the most that the broker takes, compressed
	full  int // what a batch is filled up to, before it is compressed, unless a single change is larger
}

const (
	// batchSize is how large a batch may become before it is compressed, where the topic takes as much.
	batchSize = 900 << 10
	// defaultMaxBatch is the most that a topic takes by default (max.message.bytes).
	defaultMaxBatch = 1048588
)

func limitsOf(maxMessageBytes int) limits {
	return limits{taken: maxMessageBytes, full: min(batchSize, maxMessageBytes)}
}

// grow makes partitions, up to n.
func (t *topic) grow(n int) {
	for id := len(t.partitions); id < n; id++ {
		t.partitions = append(t.partitions, &partition{topic: t, id: id})
	}
}

// topicOf finds the topic of a relation, without a look at Kafka for one that was seen before. The mutex is held, and
// given up meanwhile where Kafka or the source is asked.
func (p *Publisher) topicOf(ctx context.Context, r *change.Relation) (*topic, error) {
	if r == p.lastRelation {
		return p.lastTopic, nil
	}
	t, ok := p.byRelation[r]
	if !ok {
		var err error
		if t, err = p.openTable(ctx, source.Name{Schema: r.Schema, Table: r.Table}); err != nil {
			return nil, err
		}
		p.byRelation[r] = t
	}
	p.lastRelation, p.lastTopic = r, t
	return t, nil
}

// openTable opens a table's topic unless that was done: another relation of the same table may have come before.
func (p *Publisher) openTable(ctx context.Context, table source.Name) (*topic, error) {
	p.mu.Unlock()
	defer p.mu.Lock()
	p.opening.Lock()
	defer p.opening.Unlock()
	if t := p.topicNamed(p.cfg.Kafka.Topic(table.String())); t != nil {
		return t, nil
	}
	t, err := p.open(ctx, table)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.topics = append(p.topics, t)
	return t, nil
}

func (p *Publisher) topicNamed(name string) *topic {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.topics {
		if t.name == name {
			return t
		}
	}
	return nil
}
