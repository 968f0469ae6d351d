package debezium

import (
	"strconv"

	"eventsync/pkg/change"
)

// source writes source blocks. In those of one table's changes in one transaction only the LSN differs: the rest is kept.
type source struct {
	of             block
	before, behind []byte // the first LSN
}

// block is what a source block says, but for the LSN.
type block struct {
	plan        *plan
	snapshot    bool
	commit      change.LSN
	commitTime  int64
	transaction uint32
}

// append appends where the change comes from.
func (s *source) append(b []byte, p *plan, c *change.Change) []byte {
	of := block{p, c.Op == change.Snapshot, c.Position.Commit & change.MaxLSN, c.CommitTime, c.Transaction}
	if of != s.of {
		s.of = of
		s.write(p, c)
	}
	b = append(b, s.before...)
	from := len(b)
	b = strconv.AppendUint(b, uint64(c.Version)&uint64(change.MaxLSN), 10)
	to := len(b)
	b = append(b, s.behind...)
	b = append(b, b[from:to]...)
	return append(b, `,"xmin":null,"origin":null,"origin_lsn":null}`...)
}

func (s *source) write(p *plan, c *change.Change) {
	b := append(s.before[:0], p.source...)
	b = strconv.AppendInt(b, floorDiv(c.CommitTime, 1000), 10)
	b = append(b, p.snapshot(c)...)
	if c.Position.IsZero() {
		b = append(b, "null"...)
	} else {
		b = append(b, `\"`...)
		b = strconv.AppendUint(b, uint64(s.of.commit), 10)
		b = append(b, `\"`...)
	}
	s.before = append(b, `,\"`...)

	b = appendNumber(s.behind[:0], `\"]","ts_us":`, c.CommitTime)
	b = appendNumber(b, `,"ts_ns":`, c.CommitTime*1000)
	b = append(b, p.table...)
	if c.Transaction == 0 {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendUint(b, uint64(c.Transaction), 10)
	}
	s.behind = append(b, `,"lsn":`...)
}
