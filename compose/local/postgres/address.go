package postgres

import (
	"fmt"
	"net/url"
)

// Port is where the server listens on 127.0.0.1. It stays the same through restarts of this Server.
func (s *Server) Port() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.port
}

// DSN is a connection string for the superuser and the database postgres, over TCP.
func (s *Server) DSN() string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/postgres?sslmode=disable", Superuser, s.Port())
}

// SocketDSN is the same over the unix socket, which is faster. Only root and the user the server runs as may use it.
func (s *Server) SocketDSN() string {
	q := url.Values{"host": {s.socket}, "port": {fmt.Sprint(s.Port())}, "sslmode": {"disable"}}
	return fmt.Sprintf("postgres://%s@/postgres?%s", Superuser, q.Encode())
}

// Version is the server's major version.
func (s *Server) Version() int { return s.program.major }

// Done is closed when the server that runs now has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc.Done()
}

// Err says why a server that is Done ended, with the end of its log; nil after a stop.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc.Err()
}
