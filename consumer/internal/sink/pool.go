package sink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ClickHouse/ch-go"
)

// pool keeps connections for the next use. There are never more than uses at the same time.
type pool struct {
	addresses []string
	options   ch.Options

	mu     sync.Mutex
	first  int // the address that answered last
	idle   []*client
	closed bool
}

type client struct {
	*ch.Client
	address string
}

// use runs fn on a connection, and closes that after any error. When ctx ends, the connection is closed under fn, so
// that nothing waits longer than that for a server that says nothing.
func (p *pool) use(ctx context.Context, fn func(context.Context, *client) error) error {
	c, err := p.get(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	err = fn(ctx, c)
	if !stop() && err == nil {
		return nil // done, but the connection is closed or about to be
	}
	if err != nil {
		_ = c.Close()
		err = fmt.Errorf("%s: %w", c.address, err)
		if kindOf(err) == Retry {
			p.dropIdle() // of the same age, and so most likely in the same state
		}
		return err
	}
	p.put(c)
	return nil
}

func (p *pool) get(ctx context.Context) (*client, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	first := p.first
	p.mu.Unlock()
	return p.dial(ctx, first)
}

// dial tries the addresses in turn, beginning with the one that answered last.
func (p *pool) dial(ctx context.Context, first int) (*client, error) {
	var failures []error
	for i := range p.addresses {
		at := (first + i) % len(p.addresses)
		o := p.options
		o.Address = p.addresses[at]
		c, err := ch.Dial(ctx, o)
		if err == nil {
			p.mu.Lock()
			p.first = at
			p.mu.Unlock()
			return &client{c, o.Address}, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", o.Address, err))
	}
	return nil, errors.Join(failures...)
}

func (p *pool) put(c *client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close()
		return
	}
	p.idle = append(p.idle, c)
}

func (p *pool) dropIdle() {
	p.mu.Lock()
	idle := slices.Clone(p.idle)
	p.idle = p.idle[:0]
	p.mu.Unlock()
	for _, c := range idle {
		_ = c.Close()
	}
}

func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.dropIdle()
}
