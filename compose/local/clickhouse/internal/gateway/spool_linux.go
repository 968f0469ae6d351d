package gateway

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// memorySpool is a spool that no disk sees, and that a killed process cannot leave behind.
type memorySpool struct{ *os.File }

func newSpool() (spool, error) {
	fd, err := unix.MemfdCreate("eventsync-insert", unix.MFD_CLOEXEC)
	if err != nil {
		return newFileSpool() // a sandbox without memfd
	}
	return memorySpool{os.NewFile(uintptr(fd), "eventsync-insert")}, nil
}

// Path opens the memory anew, so that the engine reads from its start.
func (s memorySpool) Path() string { return fmt.Sprintf("/proc/self/fd/%d", s.Fd()) }
