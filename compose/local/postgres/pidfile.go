package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// poll is how often the server's pid file is looked at while it starts.
const poll = 10 * time.Millisecond

// orphanGrace is how long a server whose parent was killed may take to be gone.
const orphanGrace = 10 * time.Second

// pidFile is what a running server writes about itself into postmaster.pid.
type pidFile struct {
	pid    int
	port   string
	status string // "starting", "ready", "stopping", ...
}

func readPidFile(data string) (pidFile, error) {
	b, err := fs.ReadFile(os.DirFS(data), "postmaster.pid")
	if err != nil {
		return pidFile{}, err
	}
	lines := strings.Split(string(b), "\n")
	line := func(n int) string {
		if n > len(lines) {
			return ""
		}
		return strings.TrimSpace(lines[n-1])
	}
	pid, err := strconv.Atoi(line(1))
	if err != nil {
		return pidFile{}, nil // being written, or cut short by a crash: says nothing
	}
	return pidFile{pid: pid, port: line(4), status: line(8)}, nil
}

// clearPidFile removes the pid file of a server that is no more. PostgreSQL does so itself, unless another process has got
// its pid meanwhile, which in a small container is likely. A server that runs nevertheless, though nobody claims the
// directory, has lost its parent and is about to end: it is waited for. One that goes on is not ours.
func clearPidFile(ctx context.Context, data string) error {
	ctx, cancel := context.WithTimeout(ctx, orphanGrace)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		f, err := readPidFile(data)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for a running server: %w", err)
		}
		if f.pid == 0 || !serves(f.pid, data) {
			if err := os.Remove(filepath.Join(data, "postmaster.pid")); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove the pid file of a server that is no more: %w", err)
			}
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("a PostgreSQL (pid %d, port %s) started by something else runs on %s: stop it (kill -INT %d), or use another directory", f.pid, f.port, data, f.pid)
		}
	}
}

// exists reports whether there is a process with the pid, be it another user's.
func exists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
