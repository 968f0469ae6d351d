package postgres

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxSocketDir is the longest directory name that leaves room for "/.s.PGSQL.65535" in a socket address, which holds 103
// characters on macOS and 107 on Linux.
const maxSocketDir = 103 - len("/.s.PGSQL.65535")

// socketDir is the directory of the unix socket: in the server's own, or in /tmp where the name of that is too long. It is
// the same for every start, so that addresses stay true.
func socketDir(dir string, as owner) (path string, temporary bool) {
	path = filepath.Join(dir, "socket")
	if len(path) <= maxSocketDir {
		return path, false
	}
	hash := sha256.Sum256([]byte(dir))
	return fmt.Sprintf("/tmp/eventsync-pg-%d-%x", as.uid, hash[:8]), true
}

// makeSocketDir makes it, for the owner alone.
func makeSocketDir(path string, temporary bool, as owner) error {
	err := os.Mkdir(path, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make a directory for the unix socket: %w", err)
	}
	if err == nil || !temporary {
		return as.take(path)
	}
	// In /tmp anyone may have put something there.
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("look at the directory for the unix socket: %w", err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || ok && st.Uid != as.uid {
		return fmt.Errorf("%s is in the way of the unix socket: it is not a directory of the user the server runs as; remove it", path)
	}
	return nil
}
