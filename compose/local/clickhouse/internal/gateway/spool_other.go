//go:build !linux

package gateway

func newSpool() (spool, error) { return newFileSpool() }
