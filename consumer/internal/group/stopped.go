package group

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Partition names a partition of a topic.
type Partition struct {
	Topic string
	ID    int
}

// String prints the partition as errors do.
func (p Partition) String() string { return fmt.Sprintf("%s, partition %d", p.Topic, p.ID) }

// Stopped is a claimed partition whose worker failed.
type Stopped struct {
	Partition
	Err     error
	RetryAt time.Time
}

// Stopped lists the claimed partitions whose workers failed and wait to be tried again.
func (g *Group) Stopped() []Stopped {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]Stopped, 0, len(g.stopped))
	for _, s := range g.stopped {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Stopped) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
	})
	return list
}

func (g *Group) setStopped(s Stopped) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped[s.Partition] = s
}

func (g *Group) clearStopped(p Partition) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.stopped, p)
}
