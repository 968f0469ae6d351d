package publish_test

import (
	"context"
	"sync"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// memory is what the source would remember: package state's tests show that it does.
type memory struct {
	mu     sync.Mutex
	routes map[source.Name][]state.Route
	end    change.LSN // of the source's log
	fail   func() error
}

func (m *memory) Routes(_ context.Context, table source.Name) ([]state.Route, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]state.Route(nil), m.routes[table]...), nil
}

func (m *memory) AddRoute(_ context.Context, table source.Name, partitions int, after change.LSN) (state.Route, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.routes == nil {
		m.routes = map[source.Name][]state.Route{}
	}
	r := state.Route{From: max(m.end, after), Partitions: partitions}
	m.routes[table] = append(m.routes[table], r)
	if m.fail != nil {
		if err := m.fail(); err != nil {
			return state.Route{}, err // after it was remembered: the worst
		}
	}
	return r, nil
}

// atEnd moves the end of the source's log.
func (m *memory) atEnd(end change.LSN) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end = max(m.end, end)
}
