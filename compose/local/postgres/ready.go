package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"eventsync/compose/local/process"
)

// errStillEnding is a reason to end at once that another try may not meet.
var errStillEnding = errors.New("a server before it has not ended yet")

// awaitReady returns when the server accepts connections, as its pid file tells. A server that does not get there is killed.
func awaitReady(ctx context.Context, proc *process.Process, data string) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		// An error is a file that is not there yet.
		if f, err := readPidFile(data); err == nil && f.pid == proc.Pid() && f.status == "ready" {
			return nil
		}
		select {
		case <-tick.C:
		case <-proc.Done():
			return proc.EndedEarly()
		case <-ctx.Done():
			said := strings.TrimSpace(proc.Tail())
			return errors.Join(fmt.Errorf("%w; its log ends:\n%s", context.Cause(ctx), said), proc.Kill())
		}
	}
}

// explain adds to the error of a failed start what can be done about it.
func (s *Server) explain(err error, proc *process.Process) error {
	said := proc.Tail()
	switch {
	case strings.Contains(said, "Address already in use"):
		return fmt.Errorf("port %d: %w: choose another, or stop what listens there: %w", s.port, process.ErrPortTaken, err)
	case strings.Contains(said, "pre-existing shared memory block"):
		return fmt.Errorf("%w: %w", errStillEnding, err)
	}
	return err
}
