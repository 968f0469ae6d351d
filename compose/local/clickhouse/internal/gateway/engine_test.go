package gateway

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// fakeEngine answers what the gateway itself asks, counts sessions, and has queries that last until they are killed.
type fakeEngine struct {
	mu     sync.Mutex
	open   int
	killed chan struct{} // closed by KILL QUERY
	began  chan struct{} // one for each endless query that has begun
	once   sync.Once
}

func newFakeEngine() *fakeEngine {
	return &fakeEngine{killed: make(chan struct{}), began: make(chan struct{}, 10)}
}

func (e *fakeEngine) Open() (EngineSession, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open++
	return &fakeSession{e}, nil
}

func (e *fakeEngine) sessions() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open
}

type fakeSession struct{ *fakeEngine }

func (s *fakeSession) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
}

// engineError is worded by the engine.
type engineError string

func (e engineError) Error() string { return string(e) }

const errKilled = engineError("Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)")

func (s *fakeSession) Query(text, _ string, use func(Chunk) error) error {
	switch {
	case strings.HasPrefix(text, "SELECT version()"):
		return use(Chunk{Data: []byte("26.7.2.1\tUTC\n")})
	case strings.HasPrefix(text, "KILL QUERY"):
		s.once.Do(func() { close(s.killed) })
	}
	return nil
}

func (s *fakeSession) Stream(text, _ string, use func(Chunk) error) error {
	switch text {
	case "SELECT endless":
		s.began <- struct{}{}
		<-s.killed
		return errKilled
	case "SELECT much":
		for { // more than any client's connection can hold
			if err := use(Chunk{Data: bigBlock}); err != nil {
				s.began <- struct{}{}
				return err
			}
		}
	default:
		return use(Chunk{Data: bigBlock[:0]})
	}
}

// bigBlock is a Native block of a megabyte.
var bigBlock = func() []byte {
	var b proto.Buffer
	b.PutInt(1)
	b.PutInt(1 << 20)
	b.PutString("c")
	b.PutString("UInt8")
	return append(b.Buf, make([]byte, 1<<20)...)
}()

// serve serves an engine for the time of the test, and sees to it that nothing of it is left.
func serve(t *testing.T, config Config) (*Server, string) {
	t.Helper()
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	t.Cleanup(func() {
		_ = listener.Close()
		now, cancel := context.WithCancel(context.Background())
		cancel()
		s.Shutdown(now)
		if err := <-served; err != nil {
			t.Error(err)
		}
		if n := config.Engine.(*fakeEngine).sessions(); n != 0 {
			t.Errorf("%d engine sessions are left", n)
		}
	})
	return s, listener.Addr().String()
}

func connect(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}
