package replication

import (
	"hash/fnv"
	"slices"
	"testing"

	"eventsync/pkg/change"
)

// collapse keeps what has the greatest version of each key, as the target does: of equal ones the later, and where those
// are a key change's halves, which are of two keys, both. What is older than a truncate is gone.
func collapse(changes []recorded) map[string]recorded {
	latest := map[string]recorded{}
	var floor change.Version
	for _, c := range changes {
		if c.op == change.Truncate {
			floor = max(floor, c.version)
			continue
		}
		if before, ok := latest[c.values[0]]; !ok || c.version >= before.version {
			latest[c.values[0]] = c
		}
	}
	for key, c := range latest {
		if c.version < floor {
			delete(latest, key)
		}
	}
	return latest
}

// checkPositions wants the positions of one stream to rise.
func checkPositions(t *testing.T, changes []recorded) {
	t.Helper()
	var last change.Position
	for _, c := range changes {
		if c.position.IsZero() { // of a snapshot
			continue
		}
		if c.position.Compare(last) <= 0 {
			t.Errorf("%.40s is at %v, after one at %v", c, c.position, last)
		}
		last = c.position
	}
}

// checkVersions wants the versions of each key to rise, whatever is streamed.
func checkVersions(t *testing.T, changes []recorded) {
	t.Helper()
	last := map[string]change.Version{}
	for _, c := range changes {
		if c.op == change.Truncate || c.op == change.Snapshot {
			continue
		}
		if key := c.values[0]; c.version <= last[key] {
			t.Errorf("%.40s has version %x, after one with %x", c, c.version, last[key])
		}
		last[c.values[0]] = c.version
	}
}

// chain is what a consumer knows of a partition: the position that an unbroken chain has reached.
type chain struct{ reached change.Position }

// partitions is how many there are in the model of the topic.
const partitions = 3

func partitionsOf(c recorded) []int {
	if c.op == change.Truncate {
		return []int{0, 1, 2}
	}
	h := fnv.New32()
	_, _ = h.Write([]byte(c.values[0]))
	return []int{int(h.Sum32() % partitions)}
}

// checkChains gives each run's changes to partitions, each with the position before it there, and reads them as consumers
// do, who drop what they have seen by position alone. What is left must be every change once. It gives that.
func checkChains(t *testing.T, runs ...[]recorded) (once []recorded) {
	t.Helper()
	var consumers [partitions]chain
	seen := map[change.Position]recorded{}
	for _, run := range runs {
		var last [partitions]change.Position
		for _, c := range run {
			if c.position.IsZero() {
				once = append(once, c)
				continue
			}
			kept := false
			for _, p := range partitionsOf(c) {
				previous := last[p]
				last[p] = c.position
				if c.position.Compare(consumers[p].reached) <= 0 {
					continue
				}
				if !previous.IsZero() && previous.Compare(consumers[p].reached) > 0 {
					t.Errorf("%.40s at %v comes after %v, which is past %v", c, c.position, previous, consumers[p].reached)
				}
				consumers[p].reached = c.position
				kept = true
			}
			before, known := seen[c.position]
			switch {
			case kept && known:
				t.Errorf("%.40s at %v is not dropped, though it was seen", c, c.position)
			case !kept && !known:
				t.Errorf("%.40s at %v is dropped, though it was not seen", c, c.position)
			case known && (before.version != c.version || before.op != c.op || !sameBut(before.values, c.values)):
				t.Errorf("at %v there is %.40s of version %x, was %.40s of %x", c.position, c, c.version, before, before.version)
			}
			if kept {
				once = append(once, c)
				seen[c.position] = c
			}
		}
	}
	return once
}

// sameBut compares values; those that the stream left out may have been read at another time.
func sameBut(a, b []string) bool {
	return slices.Equal(a[:min(2, len(a))], b[:min(2, len(b))])
}
