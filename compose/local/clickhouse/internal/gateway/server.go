package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"go.uber.org/zap"
)

// revision is the newest protocol revision that the gateway speaks; it is also the newest of clickhouse-go v2.50, and
// what comes later (chunked packets) would have to be written for no client.
const revision = 54460

// Config of a Server. Zero values stand for the defaults.
type Config struct {
	Engine Engine
	Log    *zap.Logger // default: none

	MaxInsertBytes int64         // that one INSERT may hold; default 1 GiB
	SendTimeout    time.Duration // for a client that reads nothing; default 5 minutes, as ClickHouse
	ReceiveTimeout time.Duration // for the next block of an INSERT; default 5 minutes, as ClickHouse
}

// Server serves the clients of one engine.
type Server struct {
	config Config
	hello  proto.ServerHello
	// control kills queries, and keeps the engine up while there are no clients.
	control      EngineSession
	closeControl sync.Once

	mu       sync.Mutex
	sessions map[*session]struct{}
	seq      uint64
	stopping bool
	running  sync.WaitGroup
}

// New boots the engine.
func New(config Config) (*Server, error) {
	config.Log = cmp.Or(config.Log, zap.NewNop())
	config.MaxInsertBytes = cmp.Or(config.MaxInsertBytes, 1<<30)
	config.SendTimeout = cmp.Or(config.SendTimeout, 5*time.Minute)
	config.ReceiveTimeout = cmp.Or(config.ReceiveTimeout, 5*time.Minute)

	control, err := config.Engine.Open()
	if err != nil {
		return nil, err
	}
	s := &Server{config: config, control: control, sessions: map[*session]struct{}{}}
	if err := s.introduce(); err != nil {
		control.Close()
		return nil, fmt.Errorf("ask the engine for its version and time zone: %w", err)
	}
	return s, nil
}

// introduce prepares what clients are told of the server.
func (s *Server) introduce() error {
	answer, err := ask(s.control, "SELECT version(), timezone()", "TSVRaw")
	if err != nil {
		return err
	}
	version, zone, found := strings.Cut(strings.TrimSpace(answer), "\t")
	h := proto.ServerHello{Name: "ClickHouse", Revision: revision, Timezone: zone}
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &h.Major, &h.Minor, &h.Patch); err != nil || !found {
		return fmt.Errorf("no version in the answer %q", answer)
	}
	h.DisplayName, _ = os.Hostname() // for show only
	s.hello = h
	return nil
}

// Version is the engine's version.
func (s *Server) Version() string {
	return fmt.Sprintf("%d.%d.%d", s.hello.Major, s.hello.Minor, s.hello.Patch)
}

// Serve accepts connections until the listener is closed, which Shutdown leaves to its caller.
func (s *Server) Serve(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept a ClickHouse client: %w", err)
		}
		if n := s.add(conn); n != nil {
			go s.serve(n)
		}
	}
}

// add gives nil when the server is stopping.
func (s *Server) add(conn net.Conn) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		_ = conn.Close()
		return nil
	}
	s.seq++
	n := newSession(s, conn, fmt.Sprintf("gateway-%d", s.seq))
	s.sessions[n] = struct{}{}
	s.running.Add(1)
	return n
}

func (s *Server) serve(n *session) {
	defer s.running.Done()
	defer func() {
		n.close()
		s.mu.Lock()
		delete(s.sessions, n)
		s.mu.Unlock()
	}()
	err := n.run()
	if !errors.Is(err, io.EOF) && !s.isStopping() {
		s.config.Log.Info("client connection ended", zap.String("session", n.tag),
			zap.Stringer("client", n.conn.RemoteAddr()), zap.Error(err))
	}
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}
