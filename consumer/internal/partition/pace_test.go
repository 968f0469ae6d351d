package partition

import (
	"testing"
	"time"
)

func TestTurns(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	p := NewPace(200*time.Millisecond, time.Second)
	for i, turn := range []struct{ now, want int }{
		{0, 0}, // after a silence: at once
		{10, 200},
		{20, 400}, // another partition of the table
		{30, 600},
		{40, 800},
		{50, 1000},
		{60, 1060}, // never further away than the wait
		{70, 1070},
		{1500, 1500}, // and after a silence again
		{1500, 1700},
	} {
		if got := p.turn(at(turn.now)); !got.Equal(at(turn.want)) {
			t.Errorf("turn %d, taken at %d ms: %v, want %d ms", i, turn.now, got.Sub(start), turn.want)
		}
	}
	// Batches that are full go early, as many as there are, and the next that is not waits for one interval.
	p = NewPace(200*time.Millisecond, time.Second)
	p.turn(at(0))
	for ms := 10; ms <= 1000; ms += 10 {
		p.turn(at(ms))
		p.early(at(ms + 5))
	}
	if got, want := p.turn(at(1010)), at(1205); !got.Equal(want) {
		t.Errorf("the turn after many that were given back is at %d ms, want %d", got.Sub(start).Milliseconds(), want.Sub(start).Milliseconds())
	}
	if p := NewPace(time.Second, time.Millisecond); p.wait != time.Second {
		t.Errorf("a wait of %v is shorter than the interval", p.wait)
	}
}

// A message is counted once, however often its batch is formed again; and an hour later there is room again.
func TestBudget(t *testing.T) {
	b := NewBudget(2)
	now := time.Unix(1e6, 0)
	for i, m := range []struct {
		offset int64
		hours  int
		want   bool
	}{{5, 0, true}, {7, 0, true}, {8, 0, false}, {5, 0, true}, {7, 0, true}, {9, 0, false}, {9, 1, true}} {
		if got := b.spend(now.Add(time.Duration(m.hours)*time.Hour), m.offset); got != m.want {
			t.Errorf("message %d at offset %d: %v", i, m.offset, got)
		}
	}
	if NewBudget(0).spend(now, 0) {
		t.Error("a limit of 0 allows a dead letter")
	}
}
