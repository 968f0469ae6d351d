package faults

import (
	"math/rand/v2"
	"testing"
	"time"

	"eventsync/compose/local/internal/proxytest"
)

// PostgreSQL is restarted under load: in order, as by an immediate shutdown, and as by a lost container. The producer
// lives through it.
func TestRestartedPostgres(t *testing.T) {
	w := newWorld(t, 1_000)
	p := w.run("producer")
	p.says(1, "streaming")
	l := w.load()
	for range 2 {
		for _, end := range []func() error{
			func() error { return nil }, // the restart's own
			func() error { return w.postgres.Kill(t.Context()) },
			w.postgres.Crash,
		} {
			l.changes(300)
			w.must(end())
			w.must(w.postgres.Restart(t.Context()))
		}
	}
	l.changes(300)
	l.stop()
	w.verify(expectation{})
	if lines := p.lines("ERROR"); len(lines) > 0 {
		t.Errorf("a server that comes back is no error: %v", lines)
	}
}

// The connections to PostgreSQL are cut after so many bytes, in the middle of messages.
func TestPostgresCutInTheMiddleOfMessages(t *testing.T) {
	w := newWorld(t, 1_000)
	proxy := w.proxyPostgres()
	p := w.run("producer")
	p.says(1, "streaming")
	l := w.load()
	for i := range 6 {
		proxy.Add("limit_data", proxytest.Attributes{"bytes": 3_000 + rand.IntN(20_000)})
		p.says(i+1, "WARN", "replication was interrupted")
		proxy.Mend()
		p.says(i+2, "streaming")
		l.changes(100)
	}
	l.stop()
	w.verify(expectation{})
}

// The way to PostgreSQL is slow: it takes long, and takes little.
func TestSlowPostgres(t *testing.T) {
	w := newWorld(t, 1_000)
	proxy := w.proxyPostgres()
	p := w.run("producer")
	p.says(1, "streaming")
	proxy.Add("latency", proxytest.Attributes{"latency": 100, "jitter": 50})
	proxy.Add("bandwidth", proxytest.Attributes{"rate": 100}) // KiB a second: less than the load makes
	l := w.load()
	l.changes(2_000)
	l.stop()
	proxy.Mend()
	w.verify(expectation{})
	if lines := p.lines("WARN"); len(lines) > 0 {
		t.Errorf("what is slow is not broken: %v", lines)
	}
}

// The connection to PostgreSQL is there, and nothing comes through it, of which neither side is told.
func TestHalfOpenPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("it lasts longer than a minute, of silence")
	}
	w := newWorldWith(t, 1_000, 0)
	proxy := w.proxyPostgres()
	p := w.run("producer")
	p.says(1, "streaming")
	l := w.load()
	l.changes(100)
	proxy.Add("timeout", proxytest.Attributes{"timeout": 0})
	l.changes(100)
	l.stop()
	began := time.Now()
	p.says(1, "WARN", "replication was interrupted", "has not said anything")
	t.Logf("given up after %v", time.Since(began))
	proxy.Mend()
	p.says(2, "streaming")
	w.verify(expectation{})
}
