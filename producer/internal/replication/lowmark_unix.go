//go:build linux || darwin

package replication

import "syscall"

// setLowMark sets how many bytes make the connection readable, and reports whether that worked.
func setLowMark(raw syscall.RawConn, mark int) bool {
	var set error
	err := raw.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, mark)
	})
	return err == nil && set == nil
}

// growReceiveBuffer asks for a receive buffer; the kernel gives what it allows.
func growReceiveBuffer(fd uintptr, size int) {
	if size > 0 { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, size) } // slower without
}
