package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"eventsync/compose/local/process"
	"eventsync/compose/local/process/filelock"
)

// stopGrace is how long each signal of a stop may take. A fast shutdown writes a checkpoint, and waits for clients of
// walsenders, which may never read again.
const stopGrace = 10 * time.Second

// Server is a PostgreSQL server. Its methods may be called from any goroutine.
type Server struct {
	cfg        Config
	program    installation
	as         owner
	data       string
	socket     string
	socketTemp bool

	mu   sync.Mutex // held through starts and stops, so that they do not overlap
	port int
	proc *process.Process
	lock *filelock.Lock // on cfg.Dir, while a server runs there
}

// Start starts a server on cfg.Dir, with a new data directory if there is none yet, and returns when it accepts
// connections. The caller must Stop it.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, data: filepath.Join(cfg.Dir, "data"), port: cfg.Port}
	if s.as, err = serverOwner(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.socket, s.socketTemp = socketDir(cfg.Dir, s.as)
	if err := s.launch(ctx); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return s, nil
}

// launch takes the directory, and starts a server on it.
func (s *Server) launch(ctx context.Context) (err error) {
	if err := s.claim(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.disclaim())
		}
	}()
	if err := s.prepare(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.cfg.StartTimeout,
		fmt.Errorf("not ready within %s", s.cfg.StartTimeout))
	defer cancel()
	if err := clearPidFile(ctx, s.data); err != nil {
		return err
	}
	return s.try(ctx)
}

// prepare makes what the server needs, if a start before has not.
func (s *Server) prepare(ctx context.Context) (err error) {
	if err := s.as.reach(s.cfg.Dir); err != nil {
		return err
	}
	if _, err := os.Stat(s.data); err == nil { // made by another user, perhaps
		if err := s.as.take(s.data); err != nil {
			return err
		}
	}
	if s.program.bin == "" {
		if s.program, err = install(ctx, s.cfg, s.data, s.as); err != nil {
			return err
		}
	}
	if err := initialize(ctx, s.cfg, s.program, s.as, s.data); err != nil {
		return err
	}
	if err := makeSocketDir(s.socket, s.socketTemp, s.as); err != nil {
		return err
	}
	return write(s.data, settingsFile, render(settings(s.cfg)), s.as)
}

// try starts the server process, again where the reason for it to end at once may have passed.
func (s *Server) try(ctx context.Context) error {
	return process.OnPort(s.port, func(port int) error {
		s.port = port
		for {
			err := s.attempt(ctx)
			if !errors.Is(err, errStillEnding) || !wait(ctx, poll) {
				return err
			}
		}
	})
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Server) attempt(ctx context.Context) error {
	proc, err := process.Start(process.Config{
		Name: "postgres",
		Path: filepath.Join(s.program.bin, "postgres"),
		Args: []string{
			"-D", s.data,
			"-p", strconv.Itoa(s.port),
			"-c", "listen_addresses=127.0.0.1",
			"-c", "unix_socket_directories=" + s.socket,
			"-c", "unix_socket_permissions=0700",
		},
		Env:         environment(),
		Dir:         "/",
		Credential:  s.as.cred,
		Log:         s.cfg.Log,
		StopSignals: []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT},
		Grace:       stopGrace,
		DeathSignal: syscall.SIGQUIT, // its children are not ours to signal: it ends them
	})
	if err != nil {
		return err
	}
	if err := awaitReady(ctx, proc, s.data); err != nil {
		return s.explain(err, proc)
	}
	s.proc = proc
	return nil
}
