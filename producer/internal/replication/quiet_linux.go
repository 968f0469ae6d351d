package replication

import (
	"syscall"
	"time"
)

// setLowMark sets how many bytes make the connection readable, and reports whether that worked.
func setLowMark(raw syscall.RawConn, mark int) bool {
	var set error
	err := raw.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, mark)
	})
	return err == nil && set == nil
}

// nap sleeps for less than a millisecond, which the runtime's own timers round up to one.
func nap(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&t, nil) // a signal cuts it short, which is no harm
}
