package whole

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"eventsync/consumer/internal/simulation/stage"
)

// network is a member's way to the brokers. It stalls as a frozen process does, is cut as a killed one's is, and loses
// commits or their answers.
type network struct {
	w    *world
	name string
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	dice *stage.Dice

	mu      sync.Mutex
	stalled chan struct{} // closed when it goes on; nil while it does
	dead    chan struct{} // closed by the kill
}

func newNetwork(w *world, name string, d *stage.Dice) *network {
	return &network{w: w, name: name, dial: w.virtual.DialContext, dice: d, dead: make(chan struct{})}
}

var errKilled = errors.New("the member is dead")

// stall freezes everything until wake.
func (n *network) stall() (wake func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := make(chan struct{})
	n.stalled = c
	return sync.OnceFunc(func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		close(c)
		n.stalled = nil
	})
}

// pass returns once the member is not frozen.
func (n *network) pass(closed <-chan struct{}) error {
	n.mu.Lock()
	stalled := n.stalled
	n.mu.Unlock()
	if stalled != nil {
		select {
		case <-stalled:
		case <-closed:
			return net.ErrClosed
		case <-n.dead:
		}
	}
	select {
	case <-n.dead:
		return errKilled
	default:
		return nil
	}
}

func (n *network) kill() { close(n.dead) }

// connect opens a connection through which requests and answers are handed on, one after the other. The broker does not
// hear of its end before the world's: kfake forgets the session of a member that it cannot answer.
func (n *network) connect(ctx context.Context, network, address string) (net.Conn, error) {
	if err := n.pass(ctx.Done()); err != nil {
		return nil, err
	}
	far, err := n.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	near, inner := net.Pipe()
	l := &line{network: n, inner: inner, far: far, gone: make(chan struct{})}
	n.w.lines.Go(l.ask)
	n.w.lines.Go(l.answer)
	n.w.lines.Go(func() {
		select {
		case <-n.dead:
			_ = inner.Close()
		case <-n.w.over:
		}
		<-n.w.over
		_, _ = inner.Close(), far.Close()
	})
	return near, nil
}

// line is a connection of a member's.
type line struct {
	network    *network
	inner, far net.Conn      // to the member, and to the broker
	gone       chan struct{} // closed when the member has closed it
	deaf       atomic.Bool   // no answer arrives any more
}

// Keys of requests.
const (
	offsetCommit = 8
	joinGroup    = 11
)

// ask hands requests on.
func (l *line) ask() {
	defer close(l.gone)
	for {
		size := make([]byte, 4)
		if _, err := io.ReadFull(l.inner, size); err != nil {
			return
		}
		request := append(size, make([]byte, binary.BigEndian.Uint32(size))...)
		if _, err := io.ReadFull(l.inner, request[4:]); err != nil {
			return
		}
		if l.network.pass(nil) != nil || !l.send(request) {
			return
		}
	}
}

// send sends a request, or does not, or later.
func (l *line) send(request []byte) bool {
	w, d := l.network.w, l.network.dice
	fate := 3
	switch binary.BigEndian.Uint16(request[4:]) {
	case joinGroup:
		w.unjam()
	case offsetCommit:
		w.seen.commits.Add(1)
		if fate = d.Intn(40); !w.can.commits || w.isQuiet() {
			fate = 3
		}
	}
	var late time.Duration
	switch fate {
	case 0:
		w.Say("%s: a commit is lost", l.network.name)
		return true
	case 1:
		w.Say("%s: the answer to a commit is lost", l.network.name)
		l.deaf.Store(true)
	case 2:
		late = d.UpTo(2 * session)
		w.Say("%s: a commit comes %v late", l.network.name, late)
		l.deaf.Store(true)
		<-time.After(late)
	}
	_, err := l.far.Write(request)
	return err == nil
}

// answer hands answers on, and takes them from the broker when nobody wants them any more.
func (l *line) answer() {
	b := make([]byte, 32<<10)
	for {
		n, err := l.far.Read(b)
		if err != nil {
			return
		}
		if l.deaf.Load() || l.network.pass(l.gone) != nil {
			continue
		}
		_, _ = l.inner.Write(b[:n]) // the member may be gone
	}
}
