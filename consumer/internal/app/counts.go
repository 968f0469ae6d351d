package app

import (
	"cmp"
	"maps"

	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/partition"
)

// counts are what workers count.
type counts struct {
	rows, inserts, commits, retries, recoveries, redone, repeats, late uint64
	letters                                                            map[string]uint64 // by code
}

func countsOf(p *partition.Progress) counts {
	return counts{
		rows: p.Rows, inserts: p.Inserts, commits: p.Commits, retries: p.Retries, recoveries: p.Recoveries, redone: p.Redone,
		repeats: p.Repeats, late: p.Late, letters: p.Letters,
	}
}

// plus changes neither of the two.
func (c counts) plus(d counts) counts {
	letters := maps.Clone(c.letters)
	if letters == nil && len(d.letters) > 0 {
		letters = map[string]uint64{}
	}
	for code, n := range d.letters {
		letters[code] += n
	}
	return counts{
		rows: c.rows + d.rows, inserts: c.inserts + d.inserts, commits: c.commits + d.commits, retries: c.retries + d.retries,
		recoveries: c.recoveries + d.recoveries, redone: c.redone + d.redone, repeats: c.repeats + d.repeats, late: c.late + d.late,
		letters: letters,
	}
}

func comparePartitions(a, b group.Partition) int {
	return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
}
