package kafka

import (
	"context"
	"fmt"
)

// Stop shuts the broker down in order, and returns when it is gone. It takes at most 20 seconds, or until ctx is done: a
// broker that has not ended by then is killed, which costs the next start a recovery.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.proc.Stop(ctx); err != nil {
		return fmt.Errorf("stop Kafka: %w", err)
	}
	return nil
}

// Kill ends the broker with SIGKILL.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc.Kill()
}

// Restart stops the broker if it runs, and starts it with the same port and data.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.proc.Stop(ctx); err != nil {
		return fmt.Errorf("restart Kafka: %w", err)
	}
	if err := s.launch(ctx); err != nil {
		return fmt.Errorf("restart Kafka: %w", err)
	}
	return nil
}

// Done is closed when the broker that runs now has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc.Done()
}

// Err says why a broker that is Done ended, with the end of its log.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc.Err()
}
