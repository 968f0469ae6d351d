//go:build !linux

package replication

import (
	"syscall"
	"time"
)

func setLowMark(syscall.RawConn, int) bool { return false }

func nap(time.Duration) {}
