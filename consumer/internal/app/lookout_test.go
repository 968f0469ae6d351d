package app

import (
	"testing"
	"time"

	"eventsync/consumer/internal/partition"
)

// A partition in which something always waits moves as long as its offset does; one that stands still does not, unless
// the flag holds it back.
func TestMovement(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	before := now.Add(-time.Minute)
	busy := partition.Progress{Committed: 7, Next: 9, End: 20, Oldest: before}
	for name, c := range map[string]struct {
		edit  func(*partition.Progress)
		moved bool
	}{
		"stands still":   {func(*partition.Progress) {}, false},
		"commits":        {func(p *partition.Progress) { p.Committed = 8 }, true},
		"inserts":        {func(p *partition.Progress) { p.Rows = 1 }, true},
		"held back":      {func(p *partition.Progress) { p.Held = true }, true},
		"nothing to do":  {func(p *partition.Progress) { p.Oldest = time.Time{} }, true},
		"retries only":   {func(p *partition.Progress) { p.Retries = 3 }, false},
		"reads on alone": {func(p *partition.Progress) { p.Next = 20 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := standing{running: true, progress: busy, outlook: outlook{end: 20, at: 7, moved: before, seen: busy}}
			c.edit(&s.progress)
			// The end is the watermark, so that nothing is asked of Kafka.
			next := new(lookout).judge(t.Context(), &s, s.progress.Committed, now)
			if got := next.moved.Equal(now); got != c.moved {
				t.Errorf("moved: %v, want %v", got, c.moved)
			}
		})
	}
}
