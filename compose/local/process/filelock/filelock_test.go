package filelock_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"eventsync/compose/local/process/filelock"
	"eventsync/compose/local/process/processtest"
)

func TestMain(m *testing.M) {
	processtest.Main(m, map[string]func([]string) error{
		"holder": func(args []string) error {
			lock, err := filelock.Try(args[0])
			if err != nil {
				return err
			}
			processtest.Say("held")
			processtest.UntilKilled()
			return lock.Release()
		},
	})
}

func TestHeldLockIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := filelock.Try(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Try(path); !errors.Is(err, filelock.ErrHeld) {
		t.Errorf("a second try: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	retake(t, path)
}

func TestWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := filelock.Try(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := filelock.Wait(ctx, path); !errors.Is(err, filelock.ErrHeld) || !errors.Is(err, context.Canceled) {
		t.Errorf("without time: %v", err)
	}
	waited := make(chan error, 1)
	go func() {
		again, err := filelock.Wait(t.Context(), path)
		if err == nil {
			err = again.Release()
		}
		waited <- err
	}()
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
	if err := <-waited; err != nil {
		t.Error(err)
	}
}

func TestLockNeedsItsDirectory(t *testing.T) {
	if _, err := filelock.Wait(t.Context(), filepath.Join(t.TempDir(), "none", "lock")); err == nil || errors.Is(err, filelock.ErrHeld) {
		t.Errorf("got %v", err)
	}
}

// retake takes a lock that somebody had, and gives it up.
func retake(t *testing.T, path string) {
	t.Helper()
	lock, err := filelock.Wait(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestLockEndsWithItsHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	holder := processtest.Start(t, nil, "holder", path)
	holder.Line()
	if _, err := filelock.Try(path); !errors.Is(err, filelock.ErrHeld) {
		t.Errorf("the lock of another process: %v", err)
	}
	holder.Kill()
	retake(t, path)
}
