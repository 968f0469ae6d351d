package clickhouse

import (
	"fmt"
	"os"
	"path/filepath"
)

// cacheEnv names the folder for what is fetched and built, in place of the user's cache folder.
const cacheEnv = "EVENTSYNC_CACHE"

// CacheDir gives the folder that Fetch and Program use when they are given none; it may not exist yet.
func CacheDir() (string, error) {
	if dir := os.Getenv(cacheEnv); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder to keep the ClickHouse engine in: %w; set %s to one", err, cacheEnv)
	}
	return filepath.Join(dir, "eventsync"), nil
}

// makeCacheDir makes a folder in the cache, which is CacheDir unless dir says otherwise.
func makeCacheDir(dir string, inside ...string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = CacheDir(); err != nil {
			return "", err
		}
	}
	path := filepath.Join(append([]string{dir}, inside...)...)
	if err := os.MkdirAll(path, 0o750); err != nil {
		return "", fmt.Errorf("make the cache folder: %w; set %s to a folder that you may write", err, cacheEnv)
	}
	return path, nil
}
