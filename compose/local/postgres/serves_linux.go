package postgres

import (
	"os"
	"path/filepath"
	"strconv"
)

// serves reports whether the process is a server on data: PostgreSQL makes the data directory its working directory.
func serves(pid int, data string) bool {
	if !exists(pid) {
		return false
	}
	cwd, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if err != nil {
		return false // a zombie, or another user's process, which cannot be a server on our directory
	}
	dir, err := os.Stat(data)
	return err == nil && os.SameFile(cwd, dir)
}
