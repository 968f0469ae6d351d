package group

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"eventsync/pkg/kafkaclient"
)

// network is where a session's connections come from, so that they can be cut: kafka-go's ConsumerGroup has no other
// way to end a join that waits for the group.
type network struct {
	dial   kafkaclient.DialFunc
	ctx    context.Context //nolint:containedctx // kafka-go dials without one that could be cancelled
	cancel context.CancelFunc

	mu   sync.Mutex
	open map[*connection]struct{}
}

// newNetwork is a network of its own for d, which it makes dial over it.
func newNetwork(d *kafka.Dialer) *network {
	n := &network{dial: d.DialFunc, open: map[*connection]struct{}{}}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	if n.dial == nil {
		n.dial = (&net.Dialer{Timeout: d.Timeout, KeepAlive: 15 * time.Second}).DialContext
	}
	d.DialFunc = n.connect
	return n
}

func (n *network) connect(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(n.ctx, cancel)()
	c, err := n.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ctx.Err() != nil {
		_ = c.Close() // nothing was sent over it
		return nil, net.ErrClosed
	}
	tracked := &connection{Conn: c, network: n}
	n.open[tracked] = struct{}{}
	return tracked, nil
}

// cut ends all connections, and lets none be opened.
func (n *network) cut() {
	n.cancel()
	n.mu.Lock()
	open := n.open
	n.open = map[*connection]struct{}{}
	n.mu.Unlock()
	for c := range open {
		_ = c.Conn.Close() // it may be closed already
	}
}

type connection struct {
	net.Conn
	network *network
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.network.mu.Lock()
	delete(c.network.open, c)
	c.network.mu.Unlock()
	return c.Conn.Close()
}
