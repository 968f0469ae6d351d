package replication

import (
	"context"
	"net"
	"time"
)

// A walsender sends every message by itself, and that is what limits it: of its time two thirds go into the kernel when
// transactions are small, a third when they are large. How dear a message is there is up to who reads. One that waits is
// woken up for it. One that does not has it sent through the whole network stack, alone, into its receive window. But
// once that is full the sender's kernel only keeps it, behind those before it, and sends them on as large segments when
// there is room again, which costs the walsender next to nothing.
//
// So while the stream is fast we read late, and have a small window. The pause may not be longer than a walsender takes
// to fill the window, or the link's rate would be the window's size through the pause. While the stream is slow, or has
// only just become fast, the pause is short, and only bounds how often we wake up.
//
// docs/performance.md has the numbers.
const (
	// window is what the kernel is asked to receive. It takes twice that, for its overhead, and gives less to servers
	// whose net.core.rmem_max is less, which is 208 KiB on most. With half of that, messages would not fit in with the
	// kernel's overhead for each, and be copied together there, many times.
	window = 384 << 10

	// nearby is the round trip up to which the window is ours. Over a longer one a window is what bounds the link's rate,
	// and the kernel finds out by itself how large it must be.
	nearby = 2 * time.Millisecond

	slowPause = time.Millisecond
	fastPause = 10 * time.Millisecond
	// socketPause is for a Unix socket, which holds little, and where each message is as dear either way.
	socketPause = 200 * time.Microsecond

	// fastRate is in bytes per second: some 40,000 changes of single rows, or 60,000 of large transactions.
	fastRate = 8 << 20
)

// pace says when to read.
type pace struct {
	longest time.Duration // that a pause may be, while the stream is fast; 0 for none at all
	pause   time.Duration
	last    time.Time // when something was read
}

// newPace makes the pace of a connection, whose window it sets if the server is near. A TLS connection has none: it gives one message at a time.
func newPace(conn net.Conn) pace {
	switch c := conn.(type) {
	case *net.TCPConn:
		return paceOver(roundTrip(c), func() error { return c.SetReadBuffer(window) })
	case *net.UnixConn:
		return pace{longest: socketPause, pause: slowPause}
	}
	return pace{}
}

func paceOver(rtt time.Duration, setWindow func() error) pace {
	if rtt > nearby || setWindow() != nil {
		return pace{longest: slowPause, pause: slowPause}
	}
	return pace{longest: fastPause, pause: slowPause}
}

// wait pauses, counting from the last read: what was done with it since then is part of the pause.
func (p *pace) wait(ctx context.Context) {
	left := p.pause - time.Since(p.last)
	switch {
	case left <= 0:
	case p.longest < slowPause: // shorter than the runtime's own timers are exact
		nap(left)
	default:
		sleep(ctx, left)
	}
}

// took learns how fast the stream is.
func (p *pace) took(n int, now time.Time) {
	if float64(n) < fastRate*now.Sub(p.last).Seconds() {
		p.pause = min(slowPause, p.longest)
	} else {
		p.pause = min(p.pause+p.pause/4, p.longest)
	}
	p.last = now
}
