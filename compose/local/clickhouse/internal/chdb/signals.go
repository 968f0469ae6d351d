package chdb

import (
	"runtime"
	"syscall"
	"unsafe"
)

// sigactionSize is more than any platform's struct sigaction takes (152 bytes on Linux, 16 on macOS). The struct is only
// saved and put back, never looked into, so its layout does not matter.
const sigactionSize = 256

// faults are the signals whose handlers the engine replaces when it boots.
var faults = [...]syscall.Signal{
	syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS,
	syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGTSTP, syscall.SIGSYS,
}

// keepingSignals runs boot and puts the fault signals' handlers back as they were before it.
//
// The engine installs its own, without SA_ONSTACK: a nil dereference anywhere in Go would then end the process instead
// of panicking. libchdb's own switch against it (chdb_set_signal_handlers_enabled) is no cure, since it resets Go's
// handlers to the system's default.
func (l *Library) keepingSignals(boot func()) {
	var saved [len(faults)][sigactionSize]byte
	for i, s := range faults {
		l.sigaction(int32(s), nil, unsafe.Pointer(&saved[i]))
	}
	boot()
	for i, s := range faults {
		l.sigaction(int32(s), unsafe.Pointer(&saved[i]), nil)
	}
	runtime.KeepAlive(&saved)
}
