package testserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// stopTimeout bounds the stop of the server.
const stopTimeout = 30 * time.Second

// Server is what a server must do to be shared.
type Server interface {
	Stop(ctx context.Context) error
}

// Shared is the one server of its kind in this process.
type Shared[S Server] struct {
	name  string // what errors call it
	owner string // the package whose Main a TestMain must call
	start func(ctx context.Context, dir string) (S, error)

	mu      sync.Mutex
	inMain  bool // there is a Main to stop it
	tried   bool
	started bool
	dir     string
	server  S
	err     error
}

// New is for a package variable: start is called with an empty directory, when the first test needs the server.
func New[S Server](name, owner string, start func(ctx context.Context, dir string) (S, error)) *Shared[S] {
	return &Shared[S]{name: name, owner: owner, start: start}
}

// Get gives the server, and fails the test if it does not start.
func (s *Shared[S]) Get(t testing.TB) S {
	t.Helper()
	server, err := s.get()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// expect tells that stop will be called.
func (s *Shared[S]) expect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inMain = true
}

func (s *Shared[S]) get() (S, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.inMain {
		return s.server, fmt.Errorf("nothing would stop %s: let this package have `func TestMain(m *testing.M) { %s.Main(m) }`", s.name, s.owner)
	}
	if !s.tried {
		s.tried = true
		s.err = s.launch()
	}
	return s.server, s.err
}

func (s *Shared[S]) launch() (err error) {
	if s.dir, err = os.MkdirTemp("", "eventsync-"+s.owner+"-"); err != nil {
		return fmt.Errorf("make a directory for %s: %w", s.name, err)
	}
	// No test's context: the server outlives the test that needs it first. Its start is bounded by itself.
	if s.server, err = s.start(context.Background(), s.dir); err != nil {
		return err
	}
	s.started = true
	return nil
}

func (s *Shared[S]) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	if s.started {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		errs = append(errs, s.server.Stop(ctx))
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}
