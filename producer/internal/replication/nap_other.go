//go:build !linux

package replication

import "time"

func nap(d time.Duration) { <-time.After(d) }
