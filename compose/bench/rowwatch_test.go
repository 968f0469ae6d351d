package main

import (
	"testing"
	"time"
)

// A row counts when it was first seen, in whatever order; ids outside are none of the watch's.
func TestRowWatchNote(t *testing.T) {
	at := func(ms int64) time.Time { return time.UnixMilli(ms) }
	w := &rowWatch{first: 11, at: make([]time.Time, 3), left: 3}
	for i, answer := range []struct {
		ids    []uint64
		behind int
		all    bool
	}{
		{nil, 0, false},
		{[]uint64{12, 12, 10, 14}, 0, false},
		{[]uint64{12, 11}, 2, false},
		{[]uint64{13}, 3, true},
	} {
		if all := w.note(answer.ids, at(int64(i))); all != answer.all || w.behind != answer.behind {
			t.Errorf("answer %d: all %v, %d before; want %v, %d", i, all, w.behind, answer.all, answer.behind)
		}
	}
	for i, want := range []int64{2, 1, 3} {
		if !w.at[i].Equal(at(want)) {
			t.Errorf("id %d was seen at %v, want %v", 11+i, w.at[i], at(want))
		}
	}
}
