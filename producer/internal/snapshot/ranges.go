package snapshot

import (
	"fmt"

	"eventsync/producer/internal/source"
)

// rangePages is how many pages one COPY reads: 32 MiB with the usual page.
const rangePages = 4096

// pageRange is a run of a table's pages; of all its pages where it is zero.
type pageRange struct {
	from, to int64 // to 0: to the end
}

// condition is the WHERE clause.
func (r pageRange) condition() string {
	switch {
	case r == pageRange{}:
		return ""
	case r.to == 0:
		return fmt.Sprintf(" WHERE ctid >= '(%d,0)'", r.from)
	default:
		return fmt.Sprintf(" WHERE ctid >= '(%d,0)' AND ctid < '(%d,0)'", r.from, r.to)
	}
}

// ranges cuts a table of so many pages. The last range has no end: the table may have grown since they were counted.
func ranges(t *source.Table, pages int64) []pageRange {
	if t.Kind != source.KindTable { // a partitioned table has no pages of its own
		return []pageRange{{}}
	}
	var cut []pageRange
	for from := int64(0); from+rangePages < pages; from += rangePages {
		cut = append(cut, pageRange{from, from + rangePages})
	}
	return append(cut, pageRange{from: int64(len(cut)) * rangePages})
}
