// Package filelock is a lock between processes, held on a file. It ends with the process that holds it, however that ends.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrHeld means that somebody else holds the lock.
var ErrHeld = errors.New("it is held by another process, or by another part of this one")

// Lock is a lock that is held.
type Lock struct{ f *os.File }

// poll is how often a held lock is tried again. Waiting inside the kernel instead could not be canceled.
const poll = 20 * time.Millisecond

// Try takes the lock, or returns ErrHeld. The file is made if missing and stays when the lock is released: without it, two
// processes could hold locks on two files of the same name.
func Try(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close() // only ever opened
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrHeld
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &Lock{f: f}, nil
}

// Wait takes the lock once nobody else holds it.
func Wait(ctx context.Context, path string) (*Lock, error) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		l, err := Try(path)
		if !errors.Is(err, ErrHeld) {
			return l, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", err, context.Cause(ctx))
		}
	}
}

// Release gives the lock up. To close the file would not do: a child that is just being started has it open as well, until
// it runs its program.
func (l *Lock) Release() error {
	if err := errors.Join(syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN), l.f.Close()); err != nil {
		return fmt.Errorf("release the lock: %w", err)
	}
	return nil
}
