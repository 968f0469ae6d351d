package publish

import (
	"context"
	"fmt"

	"eventsync/pkg/change"
)

// Commit says that every change before end was given to Publish.
func (p *Publisher) Commit(end change.LSN) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if end <= p.filling.end || p.err != nil {
		return
	}
	p.filling.end = end
	p.confirmIdle()
}

// confirmIdle confirms at once what waits for no round.
func (p *Publisher) confirmIdle() {
	if p.inFlight == nil && len(p.filling.partitions) == 0 {
		p.confirm(p.filling.end)
	}
}

func (p *Publisher) confirm(end change.LSN) {
	if uint64(end) > p.confirmed.Load() {
		p.confirmed.Store(uint64(end))
	}
}

// Confirmed is the greatest end given to Commit for which every change before it is acknowledged by all replicas in
// sync. It never waits.
func (p *Publisher) Confirmed() change.LSN { return change.LSN(p.confirmed.Load()) }

// Flush waits until everything given to Publish is acknowledged.
func (p *Publisher) Flush(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	number := p.filling.number
	if len(p.filling.partitions) == 0 {
		number--
	}
	p.flush = max(p.flush, number)
	p.poke()
	for p.err == nil && p.done < number {
		if err := p.await(ctx); err != nil {
			return err
		}
	}
	return p.err
}

// fail makes err what every call gives from now on, unless there is one already.
func (p *Publisher) fail(err error) error {
	if p.err == nil {
		p.err = fmt.Errorf("publish to Kafka: %w", err)
		p.broadcast()
		p.poke()
	}
	return p.err
}

func (p *Publisher) broadcast() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// poke has Run look.
func (p *Publisher) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}
