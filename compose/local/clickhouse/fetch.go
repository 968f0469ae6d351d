package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"eventsync/compose/local/clickhouse/internal/filelock"
)

// killDelay is how long a command may take to end when its context has.
const killDelay = 5 * time.Second

// Fetch gives the path of the engine, libchdb. The first time it is got through npm and takes some 180 MB of traffic and
// 570 MB of disk in cacheDir, which is CacheDir when empty. Processes that fetch at the same time wait for one of them.
// If EVENTSYNC_LIBCHDB names a file, it is that.
func Fetch(ctx context.Context, cacheDir string) (libPath string, err error) {
	if path := os.Getenv(engineEnv); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s: %w; correct it, or unset it to have the engine fetched", engineEnv, err)
		}
		return filepath.Abs(path)
	}
	p, err := enginePackageFor(platform())
	if err != nil {
		return "", err
	}
	return p.fetch(ctx, cacheDir)
}

func (p enginePackage) fetch(ctx context.Context, cacheDir string) (string, error) {
	dir, err := makeCacheDir(cacheDir, "libchdb", p.version+"-"+strings.ReplaceAll(platform(), "/", "-"))
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, p.file)
	if p.isAt(path) {
		return path, nil
	}
	release, err := filelock.Wait(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return "", fmt.Errorf("wait for another process to fetch the ClickHouse engine: %w", err)
	}
	defer release()
	if p.isAt(path) {
		return path, nil
	}
	if err := p.install(ctx, dir, path); err != nil {
		return "", fmt.Errorf("fetch the ClickHouse engine: %w", err)
	}
	return path, nil
}

// isAt trusts the size: the file got its name only after its package was checked.
func (p enginePackage) isAt(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == p.size
}

// install gets the package and puts the engine at path. The caller holds the lock of dir.
func (p enginePackage) install(ctx context.Context, dir, path string) error {
	if err := removeLeftovers(dir); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(dir, leftover)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	archive, err := p.pack(ctx, temp)
	if err != nil {
		return err
	}
	if err := verify(archive, p.integrity); err != nil {
		return fmt.Errorf("%s: %w", p.spec(), err)
	}
	unpacked := filepath.Join(temp, p.file)
	if err := unpack(archive, "package/"+p.file, unpacked, p.size); err != nil {
		return fmt.Errorf("%s: %w", p.spec(), err)
	}
	return os.Rename(unpacked, path)
}

// leftover starts the names of the folders that a fetch works in.
const leftover = "fetch-"

// removeLeftovers removes what a killed fetch has left.
func removeLeftovers(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, leftover+"*"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// pack has npm put the package's archive into dir.
func (p enginePackage) pack(ctx context.Context, dir string) (archive string, err error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("it comes as the npm package %s, and there is no npm here: install Node.js, or set %s to the path of a libchdb", p.spec(), engineEnv)
	}
	// A cache of its own: the user's may be another user's (after sudo), and would keep another 180 MB.
	cmd := exec.CommandContext(ctx, npm, "pack", p.spec(), "--pack-destination", dir,
		"--cache", filepath.Join(dir, "npm"), "--ignore-scripts", "--loglevel", "error", "--no-update-notifier")
	cmd.Dir = dir // no project's .npmrc
	cmd.WaitDelay = killDelay
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack %s: %w: %s; check that npm reaches its registry, or set %s to the path of a libchdb",
			p.spec(), errors.Join(err, ctx.Err()), lastLines(output), engineEnv)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("npm pack %s left %d archives instead of one", p.spec(), len(found))
	}
	return found[0], nil
}
