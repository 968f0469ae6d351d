package gateway

import (
	"fmt"
	"io"
	"os"
)

// spool is where an INSERT's blocks wait. The engine reads them as a Native file: given in the statement's text they
// would end at the first empty line among their bytes.
type spool interface {
	io.WriteCloser
	// Path is what the engine opens; it is good until Close.
	Path() string
}

// fileSpool is a spool in the folder for temporary files.
type fileSpool struct{ *os.File }

func newFileSpool() (spool, error) {
	f, err := os.CreateTemp("", "eventsync-insert-*.native")
	if err != nil {
		return nil, fmt.Errorf("make a file for an INSERT's rows: %w; is there room, and may this user write there (TMPDIR)?", err)
	}
	return fileSpool{f}, nil
}

func (s fileSpool) Path() string { return s.Name() }

func (s fileSpool) Close() error {
	defer func() { _ = os.Remove(s.Name()) }()
	return s.File.Close()
}
