package sink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go"
)

// pool keeps connections to a shard's replicas for the next use. There are never more than uses at the same time.
type pool struct {
	addresses []string
	options   ch.Options

	mu     sync.Mutex
	first  int // the address to begin with
	idle   []*client
	closed bool
}

type client struct {
	*ch.Client
	address  string
	lastUsed time.Time
}

const (
	// trusted is how long an idle connection is taken for good: what stands between may have forgotten it.
	trusted = 5 * time.Second
	// pingTimeout is what such a connection has to answer in.
	pingTimeout = 2 * time.Second
)

// use runs fn on a connection, and closes that after any error. When ctx ends, the connection is closed under fn, so
// that nothing waits longer than that for a server that says nothing.
func (p *pool) use(ctx context.Context, fn func(context.Context, *client) error) error {
	c, err := p.get(ctx)
	if err != nil {
		return &unsentError{err}
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	err = fn(ctx, c)
	if !stop() && err == nil {
		return nil // done, but the connection is closed or about to be
	}
	if err != nil {
		_ = c.Close()
		if kindOf(err) == Retry {
			p.dropIdle() // of the same age, and so most likely in the same state
			p.avoid(c.address)
		}
		return fmt.Errorf("%s: %w", c.address, err)
	}
	p.put(c)
	return nil
}

func (p *pool) get(ctx context.Context) (*client, error) {
	for {
		c, first := p.take()
		if c == nil {
			return p.dial(ctx, first)
		}
		if time.Since(c.lastUsed) < trusted || answers(ctx, c) {
			return c, nil
		}
		_ = c.Close()
	}
}

// take gives an idle connection, or nil and the address to begin with.
func (p *pool) take() (*client, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return nil, p.first
	}
	c := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return c, p.first
}

func answers(ctx context.Context, c *client) bool {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	return c.Ping(ctx) == nil
}

// avoid makes another replica the first to be tried.
func (p *pool) avoid(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.addresses[p.first] == address {
		p.first = (p.first + 1) % len(p.addresses)
	}
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
			return &client{Client: c, address: o.Address}, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", o.Address, err))
	}
	return nil, errors.Join(failures...)
}

func (p *pool) put(c *client) {
	c.lastUsed = time.Now()
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
