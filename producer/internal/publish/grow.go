package publish

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// lookEvery is how often topics are looked at: whether they have more partitions, or take larger messages.
const lookEvery = 30 * time.Second

// watch looks at the topics until ctx ends, or publishing has failed.
func (p *Publisher) watch(ctx context.Context) {
	tick := time.NewTicker(p.lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p.mu.Lock()
		topics := append([]*topic(nil), p.topics...)
		p.mu.Unlock()
		for _, t := range topics {
			if err := p.look(ctx, t); err != nil && ctx.Err() == nil {
				p.mu.Lock()
				_ = p.fail(err) // which Run and Publish give
				p.mu.Unlock()
				return
			}
		}
	}
}

// look learns what has become of a topic. What cannot be asked now is asked again later.
func (p *Publisher) look(ctx context.Context, t *topic) error {
	is, err := p.client.Describe(ctx, t.name, settingsSeen...)
	if err != nil {
		p.log.Warn("cannot look at the topic; trying again later", zap.Duration("after", p.lookEvery), zap.Error(err))
		return nil
	}
	p.mu.Lock()
	t.limits = limitsOf(maxMessageBytes(is))
	known := t.routes.newest()
	p.mu.Unlock()
	switch {
	case is.Partitions < known:
		return p.tooFew(t.name, t.table, is.Partitions, known)
	case is.Partitions > known:
		return p.follow(ctx, t, is.Partitions)
	default:
		return nil
	}
}

// follow has changes go over a topic's new partitions, too: those from a place in the source's log on that lies behind
// all that was published. Nothing of the table is published from the moment that the place may have been remembered
// until it is known.
func (p *Publisher) follow(ctx context.Context, t *topic, n int) error {
	p.mu.Lock()
	t.held = true
	after := t.last + 1
	p.mu.Unlock()
	var now routes
	err := p.persist(ctx, "cannot remember the topic's new partitions", t.name, func() (err error) {
		now, err = p.addRoute(ctx, t.table, n, after)
		return err
	})
	if err != nil {
		return err // the table stays held: the place may be remembered, and not be known
	}
	p.log.Info("the topic has more partitions", zap.String("topic", t.name), zap.Int("partitions", n),
		zap.Stringer("from", now[len(now)-1].From))
	p.mu.Lock()
	defer p.mu.Unlock()
	t.routes, t.held = now, false
	t.grow(n)
	p.broadcast()
	return nil
}
