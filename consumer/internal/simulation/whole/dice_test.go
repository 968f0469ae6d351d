package whole

import (
	"math/rand/v2"
	"sync"
	"time"
)

// dice is chance for one of those who take part, so that what one does leaves the others' chances alone.
type dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func newDice(seed, of uint64) *dice { return &dice{rng: rand.New(rand.NewPCG(seed, of))} }

// intn draws a number under n.
func (d *dice) intn(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.IntN(n)
}

// upTo draws a time.
func (d *dice) upTo(t time.Duration) time.Duration { return time.Duration(d.intn(int(t))) }
