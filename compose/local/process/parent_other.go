//go:build !linux

package process

import "syscall"

// dieWithParent can do nothing here: no such thing as Linux's parent-death signal. The watchdog stands in.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) bool { return false }
