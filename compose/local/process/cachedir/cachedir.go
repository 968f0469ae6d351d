// Package cachedir keeps what is fetched once per machine and then used by every run: one directory each, under one root.
//
// It promises that a directory is there whole or not at all, however many processes want it at once and wherever one of
// them dies: it is filled under another name by whoever holds its lock, and renamed when it is whole.
package cachedir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"eventsync/compose/local/process/filelock"
)

// Env is the environment variable that moves the root.
const Env = "EVENTSYNC_CACHE"

// Root is the directory all caches are under: $EVENTSYNC_CACHE, or eventsync in the user's cache directory.
func Root() (string, error) {
	if dir := os.Getenv(Env); dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("%s=%s: %w", Env, dir, err)
		}
		return abs, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no directory to cache downloads in: %w; set %s to one", err, Env)
	}
	return filepath.Join(dir, "eventsync"), nil
}

// Make makes a directory under the root for a caller that itself keeps in order what is in it.
func Make(elem ...string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(append([]string{root}, elem...)...)
	return dir, makeAll(dir)
}

// Fill returns once dir is there. If it is not, fill makes its content in the directory it is given, while other processes
// that want the same one wait.
func Fill(ctx context.Context, dir string, fill func(ctx context.Context, dir string) error) error {
	return FillChecked(ctx, dir, func(string) bool { return true }, fill)
}

// FillChecked is Fill for content that can be told from a damaged one: dir is filled anew if it is there but not intact.
func FillChecked(ctx context.Context, dir string, intact func(dir string) bool, fill func(ctx context.Context, dir string) error) (err error) {
	filled := func() (bool, error) {
		there, err := exists(dir)
		return there && intact(dir), err
	}
	if done, err := filled(); done || err != nil {
		return err
	}
	if err := makeAll(filepath.Dir(dir)); err != nil {
		return err
	}
	lock, err := filelock.Wait(ctx, dir+".lock")
	if err != nil {
		return fmt.Errorf("wait for the cache: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if done, err := filled(); done || err != nil {
		return err // another process was first
	}

	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return fmt.Errorf("remove what an interrupted download left: %w", err)
	}
	if err := os.Mkdir(partial, 0o755); err != nil { //nolint:gosec // servers that run as another user read it
		return fmt.Errorf("make the cache directory: %w", err)
	}
	if err := fill(ctx, partial); err != nil {
		_ = os.RemoveAll(partial) // or the next one does
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove a damaged download: %w", err)
	}
	if err := os.Rename(partial, dir); err != nil {
		return fmt.Errorf("put the finished download in place: %w", err)
	}
	return nil
}

func makeAll(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // servers that run as another user read it
		return fmt.Errorf("make the cache directory: %w; set %s to a directory that can be written", err, Env)
	}
	return nil
}

func exists(dir string) (bool, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for the cached directory: %w", err)
	case !info.IsDir():
		return false, fmt.Errorf("%s is in the way of a cache directory: remove it, or set %s to another place", dir, Env)
	}
	return true, nil
}
