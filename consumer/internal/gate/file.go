package gate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxFileSize bounds what a mistaken path can make us read several times a second.
const maxFileSize = 16 << 20

// file is a file that is read again and again. Contents are compared, and no times or inodes, which can stay the same
// over a change.
type file struct {
	path string
	text []byte
	read bool
}

// reread reports whether the file has other contents than when it was read last.
func (f *file) reread() (changed bool, err error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return false, fmt.Errorf("flag file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return false, fmt.Errorf("flag file %s is not a regular file but %v", f.path, info.Mode().Type())
	}
	r, err := os.Open(f.path)
	if err != nil {
		return false, fmt.Errorf("flag file: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return false, fmt.Errorf("flag file: %w", err)
	}
	if len(text) > maxFileSize {
		return false, fmt.Errorf("flag file %s has more than %d bytes", f.path, maxFileSize)
	}
	changed = !f.read || !bytes.Equal(text, f.text)
	f.text, f.read = text, true
	return changed, nil
}
