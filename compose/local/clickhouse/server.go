package clickhouse

import (
	"context"
	"fmt"
	"time"

	"eventsync/compose/local/process"
)

// stopGrace bounds Stop; the gateway itself gives running queries 3 seconds.
const stopGrace = 10 * time.Second

// ErrKilled is wrapped by Stop's error when the server did not stop by itself.
var ErrKilled = process.ErrKilled

// Server is a running ClickHouse. Its methods may be called at the same time.
type Server struct {
	addr, version string
	proc          *process.Process
}

// Addr is where it listens, host and port.
func (s *Server) Addr() string { return s.addr }

// Version is the engine's version.
func (s *Server) Version() string { return s.version }

// Pid is the child's process id.
func (s *Server) Pid() int { return s.proc.Pid() }

// Wait waits for the child's end, and gives its error: nil after an ordered stop.
func (s *Server) Wait() error {
	<-s.proc.Done()
	return s.proc.Err()
}

// Done is closed when the child has ended.
func (s *Server) Done() <-chan struct{} { return s.proc.Done() }

// Kill ends the child with SIGKILL and returns when it is gone. Killing twice is harmless.
func (s *Server) Kill() error { return s.proc.Kill() }

// Stop asks the child to stop, lets it finish the queries that run, and returns when it is gone. After 10 seconds, or
// when ctx ends, it is killed; the error then wraps ErrKilled. Stopping what has ended is harmless.
func (s *Server) Stop(ctx context.Context) error {
	if err := s.proc.Stop(ctx); err != nil {
		return fmt.Errorf("stop ClickHouse: %w", err)
	}
	return nil
}
