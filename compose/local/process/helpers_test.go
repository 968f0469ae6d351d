package process

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"eventsync/compose/local/process/processtest"
)

func TestMain(m *testing.M) {
	processtest.Main(m, map[string]func([]string) error{
		"parent": helpParent,
		"leaver": helpLeaver,
	})
}

// helpParent starts a child, says its pid, and waits to be killed.
func helpParent(args []string) error {
	cfg := sh("exec sleep 1000")
	cfg.watchdog = args[0] == "watchdog"
	if args[0] == "other user" {
		cfg.Credential = nobody
	}
	p, err := Start(cfg)
	if err != nil {
		return err
	}
	processtest.Say(strconv.Itoa(p.Pid()))
	processtest.UntilKilled()
	return nil
}

// helpLeaver starts a child in a session of its own, says its pid, and waits to be killed.
func helpLeaver([]string) error {
	cmd := &exec.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "exec sleep 1000"}, SysProcAttr: &syscall.SysProcAttr{Setsid: true}}
	if err := cmd.Start(); err != nil {
		return err
	}
	processtest.Say("pid " + strconv.Itoa(cmd.Process.Pid) + " left")
	processtest.UntilKilled()
	return nil
}

// nobody is a user that every system has, by its id on Linux.
var nobody = &syscall.Credential{Uid: 65534, Gid: 65534}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can run a child as another user")
	}
}

func sh(script string) Config {
	return Config{Path: "/bin/sh", Args: []string{"-c", script}, Dir: "/"}
}

// start starts a child that the test ends, or that is killed at its end, and that must leave no goroutine.
func start(t *testing.T, cfg Config) *Process {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	p, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Kill(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// awaitOutput returns what the child wrote once that contains the words.
func awaitOutput(t *testing.T, p *Process, words string) string {
	t.Helper()
	processtest.Eventually(t, p.cfg.Name+" writes "+words, func() bool { return strings.Contains(p.Tail(), words) })
	return p.Tail()
}

func mustInspect(t *testing.T, pid int) member {
	t.Helper()
	m, ok := inspect(pid)
	if !ok {
		t.Fatalf("there is no process %d", pid)
	}
	return m
}
