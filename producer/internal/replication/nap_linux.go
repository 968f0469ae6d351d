package replication

import (
	"runtime"
	"syscall"
	"time"
)

// nap sleeps for as long as is said, where the runtime's own timers may take a millisecond more.
func nap(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&t, nil) // a signal cuts it short, which is no harm
	// The runtime does not see that this goroutine slept. One that does nothing else, and always finds something to read,
	// would keep its processor, and the timers on it, such as the publisher's, would be tens of milliseconds late.
	runtime.Gosched()
}
