package process

import (
	"strconv"
	"syscall"
	"testing"

	"eventsync/compose/local/process/processtest"
)

func TestChildDiesWithKilledParent(t *testing.T) {
	for _, how := range []string{"by default", "watchdog", "other user"} {
		t.Run(how, func(t *testing.T) {
			if how == "other user" {
				needsRoot(t)
			}
			parent := processtest.Start(t, nil, "parent", how)
			pid, err := strconv.Atoi(parent.Line())
			if err != nil {
				t.Fatal(err)
			}
			child := mustInspect(t, pid)
			if !child.alive() {
				t.Fatal("the child did not live")
			}
			parent.Kill()
			processtest.Eventually(t, "the child is gone", func() bool { return !child.alive() })
		})
	}
}

func TestChildHasItsOwnGroup(t *testing.T) {
	p := start(t, sh("exec sleep 1000"))
	group, err := syscall.Getpgid(p.Pid())
	if err != nil || group != p.Pid() {
		t.Errorf("the child %d is in group %d (%v)", p.Pid(), group, err)
	}
}

func TestWatchdogLeavesWithTheChild(t *testing.T) {
	cfg := sh("exit 0")
	cfg.watchdog = true
	p := start(t, cfg)
	<-p.Done()
	for _, m := range descendants(processes(), syscall.Getpid()) {
		if !m.zombie {
			t.Errorf("the process %d is left", m.pid)
		}
	}
}
