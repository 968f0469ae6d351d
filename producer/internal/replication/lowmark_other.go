//go:build !linux && !darwin

package replication

import "syscall"

func setLowMark(syscall.RawConn, int) bool { return false }

func growReceiveBuffer(uintptr, int) {}
