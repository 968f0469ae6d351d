package publish

import (
	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient"
)

// route is the partition, of n, of a change: by its key, else by its place. A repeat of the change must land where the
// change did, so that this is a function of nothing else, and stays as it is.
func route(c *change.Change, key []byte, n int) int {
	if key != nil {
		return kafkaclient.Partition(key, n)
	}
	place := uint64(c.Position.Commit)*31 + c.Position.Sequence
	if c.Position.IsZero() { // a snapshot row
		place = uint64(c.Version)
	}
	return int(mix(place) % uint64(n)) //nolint:gosec // G115: n is a number of partitions
}

// mix is the finalizer of SplitMix64: places that follow each other end up anywhere.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
