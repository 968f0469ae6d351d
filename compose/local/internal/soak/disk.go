package soak

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
)

// room is what must be left on the disk.
const room = 4 << 30

// enoughRoom ends a run before it fills the disk.
func enoughRoom(dir string) error {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if left := s.Bavail * uint64(s.Bsize); left < room {
		return fmt.Errorf("only %s are left on the disk of %s", mebibytes(int64(left)), dir)
	}
	return nil
}

// size is what a folder holds; files come and go meanwhile.
func size(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil //nolint:nilerr // it is gone
		}
		if info, err := e.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}
