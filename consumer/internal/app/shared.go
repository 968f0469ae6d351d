package app

import (
	"fmt"
	"runtime"
	"sync"

	"eventsync/consumer/internal/partition"
	"eventsync/pkg/config"
)

// shared is what the workers of a process have in common, and what outlives them.
type shared struct {
	cfg   config.Consumer
	lanes *partition.Lanes

	mu      sync.Mutex
	paces   map[string]*partition.Pace   // by topic
	budgets map[string]*partition.Budget // by topic and partition

	altering sync.Mutex // one at a time alters targets
	altered  onces
}

// Two inserts a CPU keep it busy: one that waits for the server, and one that does not.
const leastLanes, lanesPerCPU = 4, 2

func newShared(cfg config.Consumer) *shared {
	lanes := partition.NewLanes(max(leastLanes, lanesPerCPU*runtime.GOMAXPROCS(0)), cfg.Batch.Wait)
	return &shared{cfg: cfg, lanes: lanes, paces: map[string]*partition.Pace{}, budgets: map[string]*partition.Budget{}}
}

// pace is that of the topic's table.
func (s *shared) pace(topic string) *partition.Pace {
	return entry(&s.mu, s.paces, topic, func() *partition.Pace { return partition.NewPace(s.cfg.Batch.Interval, s.cfg.Batch.Wait) })
}

// budget is the partition's.
func (s *shared) budget(topic string, p int) *partition.Budget {
	return entry(&s.mu, s.budgets, fmt.Sprintf("%s/%d", topic, p), func() *partition.Budget { return partition.NewBudget(s.cfg.DeadLetterLimit) })
}

// entry gives what the map has under the key, and makes it where there is none.
func entry[T any](mu *sync.Mutex, m map[string]*T, key string, make func() *T) *T {
	mu.Lock()
	defer mu.Unlock()
	e, ok := m[key]
	if !ok {
		e = make()
		m[key] = e
	}
	return e
}
