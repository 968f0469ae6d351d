package simulation

import (
	"math/rand/v2"
	"sync"
	"time"
)

// dice is chance for one thing that happens in sequence. Each has its own, so that a seed plays the same whatever runs at
// the same time.
type dice struct {
	w   *world
	mu  sync.Mutex
	rng *rand.Rand
}

// dice are those of the world's seed for a purpose.
func (w *world) dice(purpose, partition, generation int) *dice {
	return &dice{w: w, rng: rand.New(rand.NewPCG(w.seed, uint64(purpose+10*(partition+2*generation))))}
}

// The purposes.
const (
	forTheWorld = iota
	forTheLog
	forTheOwner
	forReading
	forCalls
)

// intn draws a number under n.
func (d *dice) intn(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.IntN(n)
}

// upTo draws a time. It is never a round one, so that no two things happen at the very same time.
func (d *dice) upTo(t time.Duration) time.Duration { return time.Duration(d.intn(int(t))) }

// perhaps is true once in n times, while there is trouble.
func (d *dice) perhaps(n int) bool { return d.intn(n) == 0 && !d.w.isQuiet() }
