// Package stage is what every simulated world stands on: chance, the story of what happened, and a gate.
package stage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Dice is chance for one thing that happens in sequence. Each has its own, so that a seed plays the same whatever runs at
// the same time.
type Dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

// NewDice are a seed's for one purpose.
func NewDice(seed, of uint64) *Dice { return &Dice{rng: rand.New(rand.NewPCG(seed, of))} } //nolint:gosec // G404: a seed is to be played again

// Intn draws a number under n.
func (d *Dice) Intn(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.IntN(n)
}

// UpTo draws a time. It is hardly ever a round one, so that no two things happen at the very same time.
func (d *Dice) UpTo(t time.Duration) time.Duration { return time.Duration(d.Intn(int(t))) }

// Story is what happened in a world, and what was wrong with it.
type Story struct {
	Began time.Time

	mu    sync.Mutex
	lines []string
	wrong error
}

// Say adds a line.
func (s *Story) Say(format string, a ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, fmt.Sprintf("%8.3f  ", time.Since(s.Began).Seconds())+fmt.Sprintf(format, a...))
}

// Fail notes the first thing that went wrong.
func (s *Story) Fail(format string, a ...any) {
	s.Say("WRONG: "+format, a...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wrong == nil {
		s.wrong = fmt.Errorf(format, a...)
	}
}

// Wrong is the first thing that went wrong.
func (s *Story) Wrong() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrong
}

// Lines are the story so far.
func (s *Story) Lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines
}

// Gate is a worker's, opened and closed by the world.
type Gate struct{ open atomic.Bool }

// Set opens or closes it.
func (g *Gate) Set(open bool) { g.open.Store(open) }

// Open reports whether it is.
func (g *Gate) Open() bool { return g.open.Load() }

// Wait returns when it is open, or with ctx's error.
func (g *Gate) Wait(ctx context.Context) error {
	for !g.Open() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return nil
}
