package group

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// workers are the running goroutines of a generation, by partition.
type workers struct {
	sync.WaitGroup
	mu      sync.Mutex
	running map[Partition]struct{}
}

func (gen *generation) startWorkers(ctx context.Context, claimed []Partition) *workers {
	w := &workers{running: map[Partition]struct{}{}}
	for _, p := range claimed {
		w.running[p] = struct{}{}
	}
	for _, p := range claimed {
		w.Go(func() {
			defer w.remove(p)
			gen.work(ctx, p)
		})
	}
	return w
}

func (w *workers) remove(p Partition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.running, p)
}

// left are the partitions whose goroutines run still.
func (w *workers) left() []Partition {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.running))
}
