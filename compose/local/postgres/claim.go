package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"eventsync/compose/local/process/filelock"
)

// claim takes the directory for this Server. The lock ends with this process, and so tells a server that runs under another
// one from a server that has lost its parent and is about to end.
func (s *Server) claim() (err error) {
	if err := os.MkdirAll(s.cfg.Dir, 0o755); err != nil { //nolint:gosec // the server may run as another user
		return fmt.Errorf("make its directory: %w", err)
	}
	s.lock, err = filelock.Try(filepath.Join(s.cfg.Dir, "lock"))
	if errors.Is(err, filelock.ErrHeld) {
		who := ""
		if f, err := readPidFile(s.data); err == nil && f.pid != 0 {
			who = fmt.Sprintf(" (pid %d, port %s)", f.pid, f.port)
		}
		return fmt.Errorf("another server%s runs on %s: stop it, or use another directory: %w", who, s.cfg.Dir, err)
	}
	return err
}

// disclaim gives the directory up, without the server that ran there.
func (s *Server) disclaim() error {
	var errs []error
	if s.socketTemp {
		if err := os.RemoveAll(s.socket); err != nil {
			errs = append(errs, fmt.Errorf("remove the unix socket's directory: %w", err))
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Release())
		s.lock = nil
	}
	return errors.Join(errs...)
}
