package publish

import (
	"context"
	"sync"
	"time"
)

// Run sends rounds until ctx ends or a publish fails, and gives the reason. What was not acknowledged by then is not
// confirmed; Flush first to lose no time later.
func (p *Publisher) Run(ctx context.Context) error {
	watching, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() { p.watch(watching) })
	for {
		r, parcels, err := p.nextRound(ctx)
		if err == nil {
			err = p.send(ctx, parcels)
		}
		if err != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.fail(err)
		}
		p.acknowledge(r, parcels)
	}
}

// nextRound waits until the round being filled is due, and puts another one in its place.
func (p *Publisher) nextRound(ctx context.Context) (*round, []parcel, error) {
	linger := time.NewTimer(time.Hour)
	defer linger.Stop()
	for {
		r, parcels, wait, err := p.seal()
		if r != nil || err != nil {
			return r, parcels, err
		}
		linger.Reset(wait)
		select {
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		case <-p.wake:
		case <-linger.C:
		}
	}
}

// seal takes the round being filled if it is due, else says when to look again.
func (p *Publisher) seal() (_ *round, _ []parcel, wait time.Duration, _ error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.filling
	switch {
	case p.err != nil:
		return nil, nil, 0, p.err
	case len(r.partitions) == 0:
		return nil, nil, time.Hour, nil
	case r.bytes < roundSize && p.flush < r.number:
		// Counted from the round before, so that a change that comes alone does not wait for others.
		if wait = time.Until(p.sealed.Add(p.cfg.Producer.Linger)); wait > 0 {
			return nil, nil, wait, nil
		}
	}
	p.filling = &round{number: r.number + 1}
	p.sealed = time.Now()
	p.inFlight = r
	p.broadcast() // there is room again
	return r, r.take(), 0, nil
}

// send sends all of a round, the partitions side by side. A partition that fails stops the others.
func (p *Publisher) send(ctx context.Context, parcels []parcel) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for i := range parcels {
		wg.Go(func() {
			if err := p.sendParcel(ctx, &parcels[i]); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// acknowledge confirms what the round completes, and gives its memory back.
func (p *Publisher) acknowledge(r *round, parcels []parcel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, parcel := range parcels {
		for _, b := range parcel.batches {
			p.free.put(b)
		}
	}
	p.inFlight = nil
	p.done = r.number
	if at := time.UnixMicro(r.commitTime); at.After(p.newest) {
		p.newest = at
	}
	p.latency.Observe(time.Since(r.first).Seconds())
	p.confirm(r.end)
	p.confirmIdle()
	p.broadcast()
}
