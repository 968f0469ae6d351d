package broker

import (
	"context"
	"net"
	"sync"
)

// connections are those that clients have open, so that they can be cut.
type connections struct {
	mu   sync.Mutex
	open map[*conn]struct{}
}

func (c *connections) listen(network, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), network, address) // on loopback: there is nothing to wait for
	if err != nil {
		return nil, err
	}
	return &listener{Listener: l, conns: c}, nil
}

func (c *connections) cut() {
	c.mu.Lock()
	all := c.open
	c.open = nil
	c.mu.Unlock()
	for conn := range all {
		_ = conn.Conn.Close() // it may be closed already
	}
}

type listener struct {
	net.Listener
	conns *connections
}

func (l *listener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: nc, conns: l.conns}
	l.conns.mu.Lock()
	defer l.conns.mu.Unlock()
	if l.conns.open == nil {
		l.conns.open = make(map[*conn]struct{})
	}
	l.conns.open[c] = struct{}{}
	return c, nil
}

type conn struct {
	net.Conn
	conns *connections
}

func (c *conn) Close() error {
	c.conns.mu.Lock()
	delete(c.conns.open, c)
	c.conns.mu.Unlock()
	return c.Conn.Close()
}
