package sinktest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// The window has room for three.
func overflow(s *subject) {
	s.insert("a", in(0, 1))
	s.insert("b", in(0, 2))
	s.insert("c", in(0, 3))
	s.insert("a", in(0, 1))
	s.want(in(0, 1), 1, 1)
	s.insert("d", in(0, 4))
	s.insert("b", in(0, 2))
	s.want(in(0, 2), 1, 1)
	s.insert("a", in(0, 1))
	s.want(in(0, 1), 2, 2)
}

// A token that comes again is as old as it was.
func notExtended(s *subject) {
	s.insert("a", in(0, 1))
	s.insert("b", in(0, 2))
	s.insert("a", in(0, 1))
	s.insert("c", in(0, 3))
	s.insert("d", in(0, 4))
	s.insert("a", in(0, 1))
	s.want(in(0, 1), 2, 2)
}

// The view counts blocks where the table counts parts, and so remembers longer than its table.
func viewOverflow(s *subject) {
	s.insert("a", in(0, 1))
	s.insert("b", in(0, 2), in(1, 3), in(2, 4))
	s.insert("a", in(0, 1))
	s.want(in(0, 1), 2, 1)
}

// One insert can make so many parts that the tokens of the first of them are forgotten when it ends.
func overflowAtOnce(s *subject) {
	rows := []Row{in(0, 1), in(1, 2), in(2, 3), in(3, 4)}
	s.insert("a", rows...)
	s.insert("a", rows...)
	twice := 0
	for _, r := range rows {
		switch s.has(r) {
		case 1:
		case 2:
			twice++
		default:
			s.Errorf("row %+v is in the table %d times", r, s.has(r))
		}
	}
	if twice == 0 {
		s.Error("4 parts are remembered in a window of 3")
	}
	if s.remembers() {
		s.Error("it says that it remembers")
	}
}

// Remembers may be false too early, but not always.
func remembers(s *subject) {
	if !s.remembers() {
		s.Error("a table without rows has forgotten something")
	}
	for i, token := range []string{"a", "b", "c"} {
		s.insert(token, in(0, int64(i)))
		if !s.remembers() {
			s.Errorf("%d blocks have left a window of 4", i+1)
		}
	}
	s.insert("a", in(0, 0)) // makes no part
	if !s.remembers() {
		s.Error("a repeat has made the table forget")
	}
	s.insert("d", in(0, 4))
	s.insert("e", in(0, 5))
	if s.remembers() {
		s.Error("5 blocks are in a window of 4")
	}
}

func remembersByPartition(s *subject) {
	s.insert("a", in(0, 1), in(1, 2))
	if !s.remembers() {
		s.Error("2 parts have left a window of 4")
	}
	s.insert("b", in(0, 3), in(1, 4), in(2, 5))
	if s.remembers() {
		s.Error("5 parts are in a window of 4")
	}
}

// Whatever was inserted: a table that says that it remembers takes no block again.
func remembersSurely(s *subject) {
	dice := rand.New(rand.NewPCG(4, 7)) //nolint:gosec // G404: no secret
	first := []Row{in(0, 1), in(1, 2)}
	s.insert("first", first...)
	var log string
	for i := 0; s.remembers(); i++ {
		s.insert("first", first...)
		for _, r := range first {
			if n := s.has(r); n != 1 {
				s.Fatalf("row %+v is there %d times after %s", r, n, log)
			}
		}
		row := in(dice.IntN(3), int64(10+i))
		s.insert(strconv.Itoa(i/2), row) // each token twice, for one partition or two
		log += fmt.Sprintf(" %d/%d", row.Partition, i/2)
	}
}
