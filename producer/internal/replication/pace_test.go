package replication

import (
	"net"
	"testing"
	"time"
)

// A fast stream is read late, but not at its very beginning, and a slow one soon, and at once again.
func TestPaceFollowsTheStream(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	p := pace{longest: fastPause, pause: slowPause, last: now}
	read := func(bytesPerSecond int) {
		now = now.Add(p.pause)
		p.took(int(float64(bytesPerSecond)*p.pause.Seconds()), now)
	}
	read(4 * fastRate)
	if p.pause > 2*slowPause {
		t.Errorf("the pause is %v after one read", p.pause)
	}
	for range 20 {
		read(4 * fastRate)
	}
	if p.pause != fastPause {
		t.Errorf("the pause of a fast stream is %v, want %v", p.pause, fastPause)
	}
	if read(fastRate / 2); p.pause != slowPause {
		t.Errorf("the pause of a slow stream is %v, want %v", p.pause, slowPause)
	}
}

func TestPaceByConnection(t *testing.T) {
	dial := func(network, address string) net.Conn {
		listener, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() //nolint:errcheck // nobody connects any more
		c, err := net.Dial(network, listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	if p := newPace(dial("tcp", "127.0.0.1:0")); p.longest != fastPause {
		t.Errorf("TCP: the longest pause is %v", p.longest)
	}
	if p := newPace(dial("unix", t.TempDir()+"/socket")); p.longest != socketPause {
		t.Errorf("a Unix socket: the longest pause is %v", p.longest)
	}
	ours, theirs := net.Pipe() // as little a socket as TLS is
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	p := newPace(ours)
	p.took(1<<20, time.Now())
	if p.pause != 0 {
		t.Errorf("another connection: a pause of %v", p.pause)
	}
}

func TestFarServerKeepsTheKernelsWindow(t *testing.T) {
	for _, c := range []struct {
		rtt     time.Duration
		ours    bool
		longest time.Duration
	}{{0, true, fastPause}, {nearby, true, fastPause}, {30 * time.Millisecond, false, slowPause}} {
		ours := false
		p := paceOver(c.rtt, func() error { ours = true; return nil })
		if ours != c.ours || p.longest != c.longest {
			t.Errorf("over %v: our window is %v, the longest pause %v", c.rtt, ours, p.longest)
		}
	}
}
