package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// stopTimeout bounds Stop; the gateway itself gives running queries 3 seconds.
const stopTimeout = 10 * time.Second

// ErrKilled is wrapped by Stop's error when the server did not stop by itself.
var ErrKilled = errors.New("it had to be killed")

// Server is a running ClickHouse. Its methods may be called at the same time.
type Server struct {
	addr, version string
	process       *os.Process
	cmd           *exec.Cmd
	lifeline      io.Closer // the child's standard input: it stops when this is closed, by whatever end of ours

	exited  chan struct{} // closed when the child is gone
	exitErr error         // to be read after that
}

// Addr is where it listens, host and port.
func (s *Server) Addr() string { return s.addr }

// Version is the engine's version.
func (s *Server) Version() string { return s.version }

// Pid is the child's process id.
func (s *Server) Pid() int { return s.process.Pid }

// reap waits for the child's end.
func (s *Server) reap() {
	s.exitErr = s.cmd.Wait()
	_ = s.lifeline.Close()
	close(s.exited)
}

// Wait waits for the child's end, and gives its error: nil after an ordered stop.
func (s *Server) Wait() error {
	<-s.exited
	return s.exitErr
}

// Done is closed when the child has ended.
func (s *Server) Done() <-chan struct{} { return s.exited }

// Kill ends the child with SIGKILL and returns when it is gone. Killing twice is harmless.
func (s *Server) Kill() {
	_ = s.process.Kill() // its only error is that the child is gone already
	<-s.exited
}

// Stop asks the child to stop, lets it finish the queries that run, and returns when it is gone. After 10 seconds, or
// when ctx ends, it is killed; the error then wraps ErrKilled. Stopping what has ended is harmless.
func (s *Server) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	if err := s.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop ClickHouse: %w", err)
	}
	select {
	case <-s.exited:
		return nil
	case <-ctx.Done():
		s.Kill()
		return fmt.Errorf("stop ClickHouse: %w: %w", ErrKilled, ctx.Err())
	}
}
