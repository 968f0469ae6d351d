package simulation

import "eventsync/consumer/internal/simulation/stage"

// dice are the world's, and know whether there is still trouble.
type dice struct {
	*stage.Dice
	w *world
}

// dice are those of the world's seed for a purpose.
func (w *world) dice(purpose, partition, generation int) *dice {
	return &dice{stage.NewDice(w.seed, uint64(purpose+10*(partition+2*generation))), w}
}

// The purposes.
const (
	forTheWorld = iota
	forTheLog
	forTheOwner
	forReading
	forCalls
)

// perhaps is true once in n times, while there is trouble.
func (d *dice) perhaps(n int) bool { return d.Intn(n) == 0 && !d.w.isQuiet() }
