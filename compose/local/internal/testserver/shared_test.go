package testserver

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// fake counts its starts and stops.
type fake struct {
	starts, stops     int
	startErr, stopErr error
	dir               string
}

func (f *fake) shared() *Shared[*fake] {
	return New("Fake", "faketest", func(_ context.Context, dir string) (*fake, error) {
		f.starts++
		f.dir = dir
		return f, f.startErr
	})
}

func (f *fake) Stop(context.Context) error {
	f.stops++
	return f.stopErr
}

func TestOneServerForAllTests(t *testing.T) {
	f := &fake{}
	s := f.shared()
	code := s.run(func() int {
		for range 3 {
			if s.Get(t) != f {
				t.Error("another server")
			}
		}
		if _, err := os.Stat(f.dir); err != nil {
			t.Error(err)
		}
		return 0
	}, io.Discard)
	if code != 0 || f.starts != 1 || f.stops != 1 {
		t.Errorf("Main ended with %d after %d starts and %d stops", code, f.starts, f.stops)
	}
	if _, err := os.Stat(f.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its directory is left: %v", err)
	}
}

func TestServerThatNobodyNeedsIsNotStarted(t *testing.T) {
	f := &fake{}
	if code := f.shared().run(func() int { return 0 }, io.Discard); code != 0 || f.starts != 0 || f.stops != 0 {
		t.Errorf("Main ended with %d after %d starts and %d stops", code, f.starts, f.stops)
	}
}

func TestFailedStartIsNotTriedAgain(t *testing.T) {
	f := &fake{startErr: errors.New("no luck")}
	s := f.shared()
	s.run(func() int {
		for range 2 {
			if _, err := s.get(); !errors.Is(err, f.startErr) {
				t.Errorf("got %v", err)
			}
		}
		return 0
	}, io.Discard)
	if f.starts != 1 || f.stops != 0 {
		t.Errorf("%d starts and %d stops", f.starts, f.stops)
	}
}

func TestFailedStopFailsMain(t *testing.T) {
	f := &fake{stopErr: errors.New("it hangs")}
	s := f.shared()
	var out strings.Builder
	code := s.run(func() int { s.Get(t); return 0 }, &out)
	if code == 0 || !strings.Contains(out.String(), "it hangs") {
		t.Errorf("Main ended with %d, and said %q", code, out.String())
	}
}

func TestLeftGoroutineFailsMain(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	var out strings.Builder
	code := (&fake{}).shared().run(func() int { go func() { <-stop }(); return 0 }, &out)
	if code == 0 || !strings.Contains(out.String(), "TestLeftGoroutineFailsMain") {
		t.Errorf("Main ended with %d, and said %q", code, out.String())
	}
}

func TestMainEndsAsTheTestsDid(t *testing.T) {
	if code := (&fake{}).shared().run(func() int { return 3 }, io.Discard); code != 3 {
		t.Errorf("Main ended with %d for tests that ended with 3", code)
	}
}

func TestServerNeedsMain(t *testing.T) {
	f := &fake{}
	if _, err := f.shared().get(); err == nil || !strings.Contains(err.Error(), "TestMain") || f.starts != 0 {
		t.Errorf("%d starts without Main: %v", f.starts, err)
	}
}
