package process

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ever is a grace no test waits for.
const ever = time.Hour

func TestStopAsksFirst(t *testing.T) {
	cfg := sh(`trap 'echo asked; exit 0' INT; echo ready; while :; do sleep 0.01; done`)
	cfg.StopSignals, cfg.Grace = []syscall.Signal{syscall.SIGINT}, ever
	p := start(t, cfg)
	awaitOutput(t, p, "ready")
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(p.Tail(), "asked") {
		t.Errorf("it wrote %q", p.Tail())
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("stopped again: %v", err)
	}
}

func TestStopClosesStdinBeforeSignals(t *testing.T) {
	cfg := sh(`trap 'echo signalled' TERM; read -r _ || echo end of file`)
	cfg.HoldStdin, cfg.Grace = true, ever
	p := start(t, cfg)
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.TrimSpace(p.Tail()); got != "end of file" {
		t.Errorf("it wrote %q", got)
	}
}

func TestStopWithoutSignalsOnlyClosesStdin(t *testing.T) {
	cfg := sh(`echo ready; while :; do sleep 0.01; done`)
	cfg.HoldStdin, cfg.StopSignals, cfg.Grace = true, []syscall.Signal{}, time.Millisecond
	p := start(t, cfg)
	awaitOutput(t, p, "ready")
	if err := p.Stop(t.Context()); !errors.Is(err, ErrKilled) { // a SIGTERM would have ended it
		t.Errorf("got %v", err)
	}
}

func TestStopKillsWhatDoesNotEnd(t *testing.T) {
	cfg := sh(`trap '' TERM INT; echo ready; while :; do sleep 0.01; done`)
	cfg.StopSignals, cfg.Grace = []syscall.Signal{syscall.SIGTERM, syscall.SIGINT}, time.Millisecond
	p := start(t, cfg)
	awaitOutput(t, p, "ready")
	err := p.Stop(t.Context())
	if !errors.Is(err, ErrKilled) || !strings.Contains(err.Error(), "ready") {
		t.Errorf("the error does not say what happened: %v", err)
	}
	ended(t, p)
}

func TestStopIsOverWithItsContext(t *testing.T) {
	cfg := sh(`trap '' TERM; echo ready; while :; do sleep 0.01; done`)
	cfg.Grace = ever
	p := start(t, cfg)
	awaitOutput(t, p, "ready")
	ctx, cancel := context.WithCancelCause(t.Context())
	noTime := errors.New("no time left")
	cancel(noTime)
	if err := p.Stop(ctx); !errors.Is(err, ErrKilled) || !errors.Is(err, noTime) {
		t.Errorf("the error does not say why: %v", err)
	}
	ended(t, p)
}

func TestKillReachesChildrenThatLeftTheGroup(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, Config{Path: self, Env: append(os.Environ(), "EVENTSYNC_TEST_HELPER=leaver"), HoldStdin: true})
	said := regexp.MustCompile(`pid (\d+) left`).FindStringSubmatch(awaitOutput(t, p, "left"))
	pid, err := strconv.Atoi(said[1])
	if err != nil {
		t.Fatal(err)
	}
	leaver := mustInspect(t, pid)
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if leaver.alive() {
		t.Error("a child in another group is left")
	}
}

func TestHeldOutputDoesNotHoldStopUp(t *testing.T) {
	// The child ends, and what it started keeps its output open.
	p := start(t, sh(`sleep 1000 & echo pid $! left; exit 0`))
	said := regexp.MustCompile(`pid (\d+) left`).FindStringSubmatch(awaitOutput(t, p, "left"))
	<-p.Done()
	if pid, err := strconv.Atoi(said[1]); err == nil {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func ended(t *testing.T, p *Process) {
	t.Helper()
	select {
	case <-p.Done():
	default:
		t.Error("it has returned before the child had ended")
	}
}
