package sinktest

import (
	"sync"
)

// A block that is sent again is there once, and its view has counted it once.
func tokenTwice(s *subject) {
	rows := []Row{in(0, 1), in(0, 2), in(1, 3)}
	for range 3 {
		s.insert("a", rows...)
	}
	for _, r := range rows {
		s.want(r, 1, 1)
	}
}

// A token stands for the block that came with it first, whatever comes with it later: of a block that has changed,
// nothing may be sent under its token.
func otherRows(s *subject) {
	s.insert("a", in(0, 1))
	s.insert("a", in(0, 1), in(0, 2))
	s.want(in(0, 1), 1, 1)
	s.want(in(0, 2), 0, 0)
}

// Rows are not compared.
func otherToken(s *subject) {
	s.insert("a", in(0, 1))
	s.insert("b", in(0, 1))
	s.want(in(0, 1), 2, 2)
}

// Each partition of the table has its own idea of a token; the view has one of the whole block.
func tokenByPartition(s *subject) {
	s.insert("a", in(0, 1))
	s.insert("a", in(0, 2), in(1, 3))
	s.want(in(0, 1), 1, 1)
	s.want(in(0, 2), 0, 0)
	s.want(in(1, 3), 1, 0)
}

// Of two owners that send the same block at the same time, one succeeds.
func tokenAtOnce(s *subject) {
	rows := []Row{in(0, 1), in(1, 2), in(2, 3)}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := s.Insert(s.Context(), "a", rows); err != nil {
				s.Error(err)
			}
		})
	}
	all.Wait()
	for _, r := range rows {
		s.want(r, 1, 1)
	}
}

// A block without rows is refused, and its token is as good as new.
func noRows(s *subject) {
	if err := s.Insert(s.Context(), "a", nil); err == nil {
		s.Error("a block without rows is taken")
	}
	s.insert("a", in(0, 1))
	s.want(in(0, 1), 1, 1)
}
