package sink

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// proxy stands between a sink and the server.
type proxy struct {
	net.Listener
	mute atomic.Int64 // when so many bytes were sent, answers are lost; 0: never
	sent atomic.Int64
}

// between accepts on the listener, and passes on what comes to the server.
func between(t *testing.T, l net.Listener, server string) *proxy {
	t.Helper()
	p := &proxy{Listener: l}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			front, err := l.Accept()
			if err != nil {
				return
			}
			back, err := net.Dial("tcp", server)
			if err != nil {
				t.Error(err)
				return
			}
			all.Go(func() { defer back.Close(); _, _ = io.Copy(back, io.TeeReader(front, p)) }) //nolint:errcheck // the other side is told by the end
			all.Go(func() { defer front.Close(); p.answer(front, back) })                       //nolint:errcheck // the same
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return p
}

// Write counts what is sent, before it is.
func (p *proxy) Write(b []byte) (int, error) {
	p.sent.Add(int64(len(b)))
	return len(b), nil
}

func (p *proxy) answer(front, back net.Conn) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := back.Read(buffer)
		if err != nil {
			return
		}
		if mute := p.mute.Load(); mute > 0 && p.sent.Load() >= mute {
			continue
		}
		if _, err := front.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func TestTLS(t *testing.T) {
	authority := httptest.NewTLSServer(nil)
	t.Cleanup(authority.Close)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: authority.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	cfg := newConfig(t)
	plain := cfg.Addresses
	cfg.Addresses = []string{between(t, l, plain[0]).Addr().String()}
	cfg.TLS.Enabled = true
	if err := newSinkOf(t, cfg).Ping(t.Context()); KindOf(err) != Stop || !strings.Contains(err.Error(), "clickhouse.tls") {
		t.Errorf("an authority that nobody knows: %v", err)
	}
	cfg.TLS.CA = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(cfg.TLS.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newSinkOf(t, cfg)
	table := s.newTable(t, "id UInt64")
	if err := s.shard().Insert(t.Context(), table, "t", ids(1000)); err != nil {
		t.Error(err)
	}
}

// The rows are there and nobody has said so: sent again under the same token, they are there once.
func TestALostAnswer(t *testing.T) {
	cfg := newConfig(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := between(t, l, cfg.Addresses[0])
	cfg.Compression = "none"
	direct := newSinkOf(t, cfg)
	cfg.Addresses = []string{p.Addr().String()}
	s := newSinkOf(t, cfg)
	table := s.newTable(t, "id UInt64") // and leaves a connection that is trusted
	const rows = 10_000
	p.mute.Store(p.sent.Load() + 8*rows) // the block's, but not what comes before it
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.shard().Insert(ctx, table, "t", ids(rows)) }()
	for deadline := time.Now().Add(60 * time.Second); direct.number(t, "SELECT count() AS n FROM "+table) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the rows do not arrive")
		}
	}
	cancel()
	var e *Error
	if err := <-done; !errors.As(err, &e) || !e.Again() || !e.Unanswered() {
		t.Errorf("error %v", err)
	}
	p.mute.Store(0)
	if err := s.shard().Insert(t.Context(), table, "t", ids(rows)); err != nil {
		t.Error(err)
	}
	if n := direct.number(t, "SELECT count() AS n FROM "+table); n != rows {
		t.Errorf("%d rows, want %d", n, rows)
	}
}
