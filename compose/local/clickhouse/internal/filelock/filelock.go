// Package filelock locks a file between processes. The lock goes with the process that holds it, however that ends.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ErrHeld is wrapped by the error of Try when somebody else has the lock.
var ErrHeld = errors.New("another process holds it")

// retry is the time between two tries of Wait: the system's own waiting could not be ended by a context.
const retry = 50 * time.Millisecond

// Try locks the file at path, which is made if need be, or fails at once. The file stays when release is called: to
// remove it would let two processes lock two files of one name.
func Try(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return func() { _ = f.Close() }, nil
	}
	_ = f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("lock %s: %w", path, ErrHeld)
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// Wait locks the file at path as soon as nobody else has it.
func Wait(ctx context.Context, path string) (release func(), err error) {
	tick := time.NewTicker(retry)
	defer tick.Stop()
	for {
		release, err := Try(path)
		if !errors.Is(err, ErrHeld) {
			return release, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", err, ctx.Err())
		case <-tick.C:
		}
	}
}
