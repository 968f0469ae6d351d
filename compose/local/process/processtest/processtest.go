// Package processtest lets a test run code in another process, so that it can kill that process, or run it as another user.
//
// The other process is the test binary itself: Main runs one of the package's helpers there instead of the tests.
package processtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stopTimeout bounds the stop of a server at the end of a test.
const stopTimeout = 30 * time.Second

// env names the helper to run; it is set for helpers only.
const env = "EVENTSYNC_TEST_HELPER"

// Main is what TestMain of a package with helpers calls. It does not return.
func Main(m *testing.M, helpers map[string]func(args []string) error) {
	Help(helpers)
	os.Exit(m.Run()) //nolint:forbidigo // as TestMain's do
}

// Help is what a TestMain with more to do calls first. It does not return in a process that is to run a helper.
func Help(helpers map[string]func(args []string) error) {
	if name := os.Getenv(env); name != "" {
		os.Exit(help(name, helpers[name])) //nolint:forbidigo // as TestMain's do
	}
}

func help(name string, helper func(args []string) error) (code int) {
	err := errors.New("there is none of that name")
	if helper != nil {
		err = helper(os.Args[1:])
	}
	if err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "test helper %s: %v\n", name, err)
		return 1
	}
	return 0
}

// Say writes a line for the test that started the helper.
func Say(line string) {
	_, _ = os.Stdout.WriteString(line + "\n") // fails when the test is gone, which will have this process killed
}

// UntilKilled is how a helper ends that waits to be killed: when it is, or when the test that started it is gone.
func UntilKilled() {
	_, _ = io.Copy(io.Discard, os.Stdin) // the test holds the other end
}

// Helper is a helper that runs.
type Helper struct {
	t   *testing.T
	cmd *exec.Cmd
	out *bufio.Reader
	in  io.Closer
}

// Start runs a helper, as another user if as is not nil, which only root can. It is killed at the end of the test.
func Start(t *testing.T, as *syscall.Credential, name string, args ...string) *Helper {
	t.Helper()
	cmd := &exec.Cmd{
		Path:        binary(t, as),
		Args:        append([]string{name}, args...),
		Env:         append(os.Environ(), env+"="+name),
		Dir:         "/",
		Stderr:      os.Stderr,
		SysProcAttr: &syscall.SysProcAttr{Credential: as},
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the helper %s: %v", name, err)
	}
	h := &Helper{t: t, cmd: cmd, out: bufio.NewReader(stdout), in: stdin}
	t.Cleanup(h.Kill)
	return h
}

// binary is the test's own, or a copy where another user can reach it: the go tool keeps it in a closed directory.
func binary(t *testing.T, as *syscall.Credential) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if as == nil {
		return self
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(OpenDir(t), "helper.test")
	if err := os.WriteFile(path, b, 0o755); err != nil { //nolint:gosec // another user runs it
		t.Fatal(err)
	}
	return path
}

// OpenDir is a temporary directory that every user can reach and read, unlike t.TempDir's.
func OpenDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "eventsync-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // another user is to reach it
		t.Fatal(err)
	}
	return dir
}

// Line is the next line that the helper says.
func (h *Helper) Line() string {
	h.t.Helper()
	line, err := h.out.ReadString('\n')
	if err != nil {
		h.t.Fatalf("the helper ended before it said what it should: %v (said %q)", err, line)
	}
	return strings.TrimSpace(line)
}

// Rest is all the helper says until it ends.
func (h *Helper) Rest() string {
	h.t.Helper()
	b, err := io.ReadAll(h.out)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

// Kill ends the helper with SIGKILL, and returns when it is gone.
func (h *Helper) Kill() {
	_ = h.cmd.Process.Kill() // it may have ended
	_ = h.cmd.Wait()         // it was killed, is all that this could say
	_ = h.in.Close()
}

// Stopper is a server that a test has started.
type Stopper interface {
	Stop(ctx context.Context) error
}

// StopAtEnd stops a server at the end of the test, and fails the test if it does not stop in order.
func StopAtEnd(t testing.TB, server Stopper) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), stopTimeout) // the test's own has ended
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// Eventually returns once the condition holds, and fails the test if that takes longer than anything here ever should.
func Eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
