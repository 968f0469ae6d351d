package publish

import (
	"context"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// Routes remembers, at the source, from which place in its log on a table's changes are spread over how many partitions.
type Routes interface {
	// Routes gives a table's routes, by rising From.
	Routes(ctx context.Context, table source.Name) ([]state.Route, error)
	// AddRoute adds one from the log's end on, or from after, if that is later.
	AddRoute(ctx context.Context, table source.Name, partitions int, after change.LSN) (state.Route, error)
}

// routes are those of one table, by rising From; the first holds for what is before it, too.
type routes []state.Route

// spread is over how many partitions the change goes: a function of its place in the source's log, which its repeats
// have as well. A snapshot's rows are of the place at which it was taken.
func (r routes) spread(c *change.Change) int {
	at := c.Position.Commit & change.MaxLSN // the log's own: an epoch is not remembered there
	if c.Position.IsZero() {
		at = c.Version.LSN()
	}
	i := len(r) - 1
	for i > 0 && at < r[i].From {
		i--
	}
	return r[i].Partitions
}

// newest is over how many partitions changes go from now on.
func (r routes) newest() int {
	if len(r) == 0 {
		return 0
	}
	return r[len(r)-1].Partitions
}

// memoryError is a failure of Routes.
type memoryError struct{ error }

func (e *memoryError) Unwrap() error { return e.error }

func (p *Publisher) remembered(ctx context.Context, table source.Name) (routes, error) {
	r, err := p.routes.Routes(ctx, table)
	if err != nil {
		return nil, &memoryError{err}
	}
	return r, nil
}

// addRoute remembers a route and gives all of them as they are remembered: one whose answer was lost may be among them.
func (p *Publisher) addRoute(ctx context.Context, table source.Name, n int, after change.LSN) (routes, error) {
	if _, err := p.routes.AddRoute(ctx, table, n, after); err != nil {
		return nil, &memoryError{err}
	}
	return p.remembered(ctx, table)
}

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
