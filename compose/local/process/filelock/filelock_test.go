package filelock_test

import (
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
	lock, err = filelock.Wait(t.Context(), path)
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
	lock, err := filelock.Wait(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
}
