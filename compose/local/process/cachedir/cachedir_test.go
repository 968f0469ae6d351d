package cachedir_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"eventsync/compose/local/process/cachedir"
)

func TestRoot(t *testing.T) {
	t.Setenv(cachedir.Env, "/some/where")
	if root, err := cachedir.Root(); err != nil || root != "/some/where" {
		t.Errorf("the root is %s (%v)", root, err)
	}
	t.Setenv(cachedir.Env, "")
	t.Setenv("HOME", "/home/of/mine")
	t.Setenv("XDG_CACHE_HOME", "")
	root, err := cachedir.Root()
	if err != nil || filepath.Base(root) != "eventsync" || !filepath.IsAbs(root) {
		t.Errorf("the root is %s (%v)", root, err)
	}
}

func TestRootNeedsAHome(t *testing.T) {
	for _, name := range []string{cachedir.Env, "HOME", "XDG_CACHE_HOME"} {
		t.Setenv(name, "")
	}
	if root, err := cachedir.Root(); err == nil || !strings.Contains(err.Error(), cachedir.Env) {
		t.Errorf("the root is %s (%v)", root, err)
	}
}

func TestMake(t *testing.T) {
	root := t.TempDir()
	t.Setenv(cachedir.Env, root)
	dir, err := cachedir.Make("in", "side")
	if info, statErr := os.Stat(dir); err != nil || statErr != nil || !info.IsDir() || dir != filepath.Join(root, "in", "side") {
		t.Errorf("it is %s (%v, %v)", dir, err, statErr)
	}
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(cachedir.Env, file)
	if _, err := cachedir.Make("inside"); err == nil || !strings.Contains(err.Error(), cachedir.Env) {
		t.Errorf("got %v", err)
	}
}

func TestFillsOnceForAll(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := filepath.Join(t.TempDir(), "a", "b")
	var fills atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := cachedir.Fill(t.Context(), dir, func(_ context.Context, dir string) error {
				fills.Add(1)
				return os.WriteFile(filepath.Join(dir, "file"), []byte("whole"), 0o600)
			})
			if err != nil {
				t.Error(err)
			}
			if b, err := os.ReadFile(filepath.Join(dir, "file")); err != nil || string(b) != "whole" {
				t.Errorf("the directory was taken for filled with %q (%v)", b, err)
			}
		})
	}
	wg.Wait()
	if fills.Load() != 1 {
		t.Errorf("it was filled %d times", fills.Load())
	}
}

func TestInterruptedFillIsDoneAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	broken := errors.New("the connection broke")
	err := cachedir.Fill(t.Context(), dir, func(_ context.Context, dir string) error {
		return errors.Join(broken, os.WriteFile(filepath.Join(dir, "half"), nil, 0o600))
	})
	if !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory is there, half filled")
	}
	if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(left) != 1 { // the lock
		t.Errorf("%v are left (%v)", left, err)
	}
	err = cachedir.Fill(t.Context(), dir, func(_ context.Context, dir string) error {
		return os.WriteFile(filepath.Join(dir, "whole"), nil, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 || files[0].Name() != "whole" {
		t.Errorf("it holds %v (%v)", files, err)
	}
}

func TestDamagedDirectoryIsFilledAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	fills := 0
	fill := func() error {
		return cachedir.FillChecked(t.Context(), dir, func(dir string) bool {
			b, err := os.ReadFile(filepath.Join(dir, "file"))
			return err == nil && string(b) == "whole"
		}, func(_ context.Context, dir string) error {
			fills++
			return os.WriteFile(filepath.Join(dir, "file"), []byte("whole"), 0o600)
		})
	}
	for _, damage := range []string{"whole", "who"} {
		if err := fill(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := fill(); err != nil || fills != 2 {
		t.Errorf("it was filled %d times, not twice (%v)", fills, err)
	}
}

func TestWaitingForAnotherFillCanBeCancelled(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := filepath.Join(t.TempDir(), "cache")
	err := cachedir.Fill(t.Context(), dir, func(context.Context, string) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := cachedir.Fill(ctx, dir, func(context.Context, string) error {
			t.Error("two fill the directory at once")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestFileInTheWay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := cachedir.Fill(t.Context(), dir, nil); err == nil {
		t.Error("a file was taken for the directory")
	}
}
