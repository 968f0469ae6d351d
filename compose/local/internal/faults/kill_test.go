package faults

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// killed runs producers that are killed, each after some time that nothing tells.
func (w *world) killed(times int) {
	w.Helper()
	for i := range times {
		p := w.run(fmt.Sprintf("producer-%02d", i))
		<-time.After(time.Duration(100+rand.IntN(800)) * time.Millisecond)
		p.kill()
	}
}

// The producer is killed again and again under load. The broker takes its time, so that something is always on the way.
func TestKilledProducer(t *testing.T) {
	w := newWorld(t, 1_000)
	proxy := w.proxyBroker()
	p := w.run("producer")
	p.says(1, "streaming")
	proxy.add("latency", attributes{"latency": 20, "jitter": 20})
	l := w.load()
	l.changes(100)
	p.kill()
	w.killed(50)
	p = w.run("producer-last")
	p.says(1, "streaming")
	l.changes(500)
	l.stop()
	w.verify(expectation{})
}

// The producer is killed again and again while it takes the first snapshot, under load.
func TestProducerKilledInItsSnapshot(t *testing.T) {
	w := newWorld(t, 20_000)
	l := w.load()
	w.killed(8)
	p := w.run("producer-last")
	p.says(1, "streaming")
	l.changes(500)
	l.stop()
	w.verify(expectation{snapshotted: true})
}
