// Package programstest builds the product's binaries once for all tests of a package.
//
//	func TestMain(m *testing.M) { os.Exit(programstest.Run(m)) }
//
//	func TestStop(t *testing.T) {
//		b := programstest.Binaries(t)
//		... programs.Run(b.Producer, ...) ...
//	}
package programstest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"eventsync/compose/local/programs"
)

var built struct {
	mu    sync.Mutex
	tried bool
	programs.Binaries
	err error
}

// Run runs the tests, removes what they had built, and gives the exit code.
func Run(m *testing.M) int {
	code := m.Run()
	built.mu.Lock()
	defer built.mu.Unlock()
	if built.Producer != "" {
		_ = os.RemoveAll(filepath.Dir(built.Producer)) // of a folder for temporary things
	}
	return code
}

// Binaries builds them for the first test that asks.
func Binaries(t testing.TB) programs.Binaries {
	t.Helper()
	built.mu.Lock()
	defer built.mu.Unlock()
	if !built.tried {
		built.tried = true
		built.Binaries, built.err = build()
	}
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.Binaries
}

func build() (programs.Binaries, error) {
	dir, err := os.MkdirTemp("", "eventsync-programs-")
	if err != nil {
		return programs.Binaries{}, err
	}
	b, err := programs.Build(context.Background(), dir) // of no test: others use them too
	if err != nil {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return b, err
}
