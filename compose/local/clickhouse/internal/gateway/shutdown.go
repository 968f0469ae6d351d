package gateway

import (
	"context"
	"time"
)

// longAgo as a deadline ends a read that waits.
var longAgo = time.Unix(1, 0)

// Shutdown ends the sessions and then the engine. Those without a running query end at once, the others when theirs is
// done; when ctx ends, what still runs is killed. Close the listener first. A second call is
// harmless.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.stopping = true
	for n := range s.sessions {
		_ = n.conn.SetReadDeadline(longAgo)
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.mu.Lock()
		for n := range s.sessions {
			n.abandon()
		}
		s.mu.Unlock()
		<-done
	}
	s.closeControl.Do(s.control.Close)
}
