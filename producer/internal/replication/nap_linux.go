package replication

import (
	"syscall"
	"time"
)

// nap sleeps for as long as is said, where the runtime's own timers may take a millisecond more.
func nap(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&t, nil) // a signal cuts it short, which is no harm
}
