package postgres

import (
	"context"
	"errors"
	"fmt"
	"syscall"
)

// Stop shuts the server down, disconnecting its clients, and returns when it is gone. It takes at most about 20 seconds, or
// until ctx is done: what has not ended by then is killed, which loses nothing and costs the next start a recovery.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.proc.Stop(ctx), s.disclaim()); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	return nil
}

// Kill ends the server at once, as its own immediate shutdown does: without a checkpoint, so that the next start recovers.
func (s *Server) Kill(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.quit(ctx), s.disclaim()); err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	return nil
}

func (s *Server) quit(ctx context.Context) error {
	if err := s.proc.Signal(syscall.SIGQUIT); err != nil {
		return err
	}
	select {
	case <-s.proc.Done():
		return nil
	case <-ctx.Done():
		return s.proc.Kill()
	}
}

// Crash ends the server and each of its processes with SIGKILL, as running out of memory or a lost container would.
func (s *Server) Crash() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.proc.Kill(), s.disclaim()); err != nil {
		return fmt.Errorf("crash PostgreSQL: %w", err)
	}
	return nil
}

// Restart stops the server if it runs, and starts it with the same addresses and data.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.proc.Stop(ctx), s.disclaim()); err != nil {
		return fmt.Errorf("restart PostgreSQL: %w", err)
	}
	if err := s.launch(ctx); err != nil {
		return fmt.Errorf("restart PostgreSQL: %w", err)
	}
	return nil
}
