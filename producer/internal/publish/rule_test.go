package publish_test

import (
	"testing"

	"eventsync/pkg/change"
)

// readByTheRule reads every partition as a consumer does, by the chain's rule (ADR 2), and gives what it would take:
// every position once, in order, without a break in the chain.
func readByTheRule(t *testing.T, log [][]message) [][]message {
	t.Helper()
	taken := make([][]message, len(log))
	for id, messages := range log {
		var last change.Position
		for _, m := range messages {
			switch {
			case m.position.IsZero(): // a snapshot's row
				taken[id] = append(taken[id], m)
			case m.position.Compare(last) <= 0: // a repeat
			case m.previous.Compare(last) > 0:
				t.Fatalf("partition %d: after %v comes %v, which says that %v came before", id, last, m.position, m.previous)
			default:
				last = m.position
				taken[id] = append(taken[id], m)
			}
		}
	}
	return taken
}

// checkPlaces checks that each of the changes at (1, 1) to (n, 1) is in one partition only, and that a reader takes it
// once; truncates are in many, and taken at most once in each.
func checkPlaces(t *testing.T, log [][]message, n uint64) {
	t.Helper()
	home := map[change.Position]int{}
	for id, messages := range log {
		for _, m := range messages { // repeats, too
			if at, known := home[m.position]; known && at != id && m.op != change.Truncate {
				t.Fatalf("the change at %v is in partitions %d and %d", m.position, at, id)
			}
			home[m.position] = id
		}
	}
	taken := map[change.LSN]int{}
	for _, messages := range readByTheRule(t, log) {
		for _, m := range messages {
			if m.op != change.Truncate || taken[m.position.Commit] == 0 {
				taken[m.position.Commit]++
			}
		}
	}
	for lsn := change.LSN(1); uint64(lsn) <= n; lsn++ {
		if taken[lsn] != 1 {
			t.Fatalf("a reader takes the change at %v %d times", lsn, taken[lsn])
		}
	}
}
