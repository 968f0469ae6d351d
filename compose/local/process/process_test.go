package process

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestErrSaysHowItEnded(t *testing.T) {
	p := start(t, sh(`echo on stdout; echo on stderr >&2; exit 3`))
	<-p.Done()
	err := p.Err()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("the error is %v", err)
	}
	for _, words := range []string{"sh", "exit status 3", "on stdout", "on stderr"} {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("the error does not say %q: %v", words, err)
		}
	}
}

func TestEndedInOrderIsNoError(t *testing.T) {
	p := start(t, sh(`echo bye; exit 0`))
	<-p.Done()
	if err := p.Err(); err != nil {
		t.Error(err)
	}
	if err := p.EndedEarly(); err == nil || !strings.Contains(err.Error(), "bye") {
		t.Errorf("it was to run on: %v", err)
	}
}

func TestStartOfWhatIsNotThere(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, path := range []string{"/not/there", "not-in-path"} {
		if _, err := Start(Config{Path: path, HoldStdin: true}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := Start(Config{Path: "/not/there"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestLogGetsEverything(t *testing.T) {
	var log locked
	cfg := sh(`i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done`)
	cfg.Log = &log
	p := start(t, cfg)
	<-p.Done()
	if got := strings.Count(log.String(), "\n"); got != 2000 {
		t.Errorf("the log has %d lines of 2000", got)
	}
	if !strings.HasSuffix(p.Tail(), "line 1999\n") || !strings.HasPrefix(p.Tail(), "line ") {
		t.Errorf("the tail is %q", p.Tail())
	}
}

func TestStdoutIsApart(t *testing.T) {
	var answer, log locked
	cfg := sh(`echo answer; echo log >&2`)
	cfg.Stdout, cfg.Log = &answer, &log
	p := start(t, cfg)
	<-p.Done()
	if answer.String() != "answer\n" || log.String() != "log\n" || p.Tail() != "log\n" {
		t.Errorf("stdout has %q, the log %q, the tail %q", answer.String(), log.String(), p.Tail())
	}
}

func TestFailingLogDoesNotStopTheChild(t *testing.T) {
	cfg := sh(`i=0; while [ $i -lt 20000 ]; do echo line $i; echo line $i >&2; i=$((i+1)); done`)
	cfg.Log = failing{}
	cfg.Stdout = failing{}
	p := start(t, cfg)
	<-p.Done()
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

func TestCredential(t *testing.T) {
	needsRoot(t)
	cfg := sh("id -u")
	cfg.Credential = nobody
	p := start(t, cfg)
	<-p.Done()
	if got := strings.TrimSpace(p.Tail()); got != "65534" {
		t.Errorf("the child ran as %s", got)
	}
}

func TestRun(t *testing.T) {
	defer goleak.VerifyNone(t)
	if err := Run(t.Context(), sh("exit 0")); err != nil {
		t.Error(err)
	}
	if err := Run(t.Context(), sh("echo why; exit 1")); err == nil || !strings.Contains(err.Error(), "why") {
		t.Errorf("the error is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Run(ctx, sh("exec sleep 1000")); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// locked is a buffer that may be written and read at once.
type locked struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }
