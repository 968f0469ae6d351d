package filelock_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"eventsync/compose/local/clickhouse/internal/filelock"
)

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := filelock.Try(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Try(path); !errors.Is(err, filelock.ErrHeld) {
		t.Errorf("a second Try: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := filelock.Wait(ctx, path); !errors.Is(err, filelock.ErrHeld) || !errors.Is(err, context.Canceled) {
		t.Errorf("Wait without time: %v", err)
	}
	waited := make(chan error, 1)
	go func() {
		again, err := filelock.Wait(t.Context(), path)
		if err == nil {
			again()
		}
		waited <- err
	}()
	release()
	if err := <-waited; err != nil {
		t.Error(err)
	}
}

func TestLockNeedsItsFolder(t *testing.T) {
	if _, err := filelock.Wait(t.Context(), filepath.Join(t.TempDir(), "none", "lock")); err == nil || errors.Is(err, filelock.ErrHeld) {
		t.Errorf("got %v", err)
	}
}
