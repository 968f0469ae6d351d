//go:build !linux

package postgres

// serves reports whether the process may be a server on data. Without a /proc there is no telling what it is.
func serves(pid int, _ string) bool { return exists(pid) }
