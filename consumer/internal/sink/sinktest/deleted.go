package sinktest

// What is older is gone, as often as it is said; what is not, stays. Views keep what they have seen.
func deleteBelow(s *subject) {
	s.insert("a", in(0, 1), in(0, 2), in(0, 3), in(1, 4))
	s.insert("b", in(0, 2), in(1, 1<<62))
	for range 2 {
		if err := s.DeleteBelow(s.Context(), 3); err != nil {
			s.Fatal(err)
		}
		s.want(in(0, 1), 0, 1)
		s.want(in(0, 2), 0, 2)
		s.want(in(0, 3), 1, 1)
		s.want(in(1, 4), 1, 1)
		s.want(in(1, 1<<62), 1, 1)
	}
}

// The token of a part that has rows left is remembered. Of a part that has none it may be forgotten, now or later: who
// sends such a block again must have made sure that no row of it is below the floor.
func deleteAndSendAgain(s *subject) {
	s.insert("a", in(0, 1), in(0, 5), in(1, 2))
	if err := s.DeleteBelow(s.Context(), 3); err != nil {
		s.Fatal(err)
	}
	s.insert("a", in(0, 1), in(0, 5), in(1, 2))
	s.want(in(0, 1), 0, 1)
	s.want(in(0, 5), 1, 1)
	if n := s.has(in(1, 2)); n > 1 {
		s.Errorf("the deleted row is back %d times", n)
	}
	s.insert("b", in(0, 1)) // a table has no floor of its own
	s.want(in(0, 1), 1, 2)
}
