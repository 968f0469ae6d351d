package whole

import (
	"context"
	"maps"
	"time"

	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/simulation/standin"
	"eventsync/pkg/change"
)

// facts are what is known of the table and the offsets, to judge what happens by. They are under the world's lock.
type facts struct {
	landed  map[standin.Row]bool            // rows that were ever on their way into the table and came there
	order   []standin.Row                   // the same
	tokens  map[standin.Row]map[string]bool // that a row was sent under, and not refused
	excused map[standin.Row]bool            // the view may have counted them wrongly
	floors  [partitions]change.Version      // below which rows were deleted by the partition's owner
	floor   change.Version                  // the greatest of them
	lettersOf
	reached [partitions]int64 // the greatest offset that was committed
}

// lettersOf are the dead letters, by partition and offset, and by the row that was refused.
type lettersOf struct {
	places [partitions]map[int64]bool
	rows   map[standin.Row]bool
}

func newFacts() facts {
	f := facts{landed: map[standin.Row]bool{}, tokens: map[standin.Row]map[string]bool{}, excused: map[standin.Row]bool{}, lettersOf: lettersOf{rows: map[standin.Row]bool{}}}
	for p := range f.places {
		f.places[p] = map[int64]bool{}
	}
	return f
}

// partitionOf is the topic's partition that has the row.
func partitionOf(r standin.Row) int { return int(r.ID % partitions) }

// land is what the table makes of a block, and checks that no row comes twice, or back.
func (w *world) land(who, token string, rows []standin.Row, death *standin.Death) {
	w.Say("%s: %d rows from %v on land under %s, death %+v", who, len(rows), rows[0], token, death)
	w.mu.Lock()
	if death != nil {
		w.died.Add(1)
		w.started = time.Now()
	}
	for _, r := range rows {
		if !w.landed[r] {
			w.landed[r] = true
			w.order = append(w.order, r)
		}
	}
	floors := w.floors
	w.mu.Unlock()
	w.table.Insert(token, rows, death)
	for _, r := range rows {
		n := w.table.Has(r)
		if n > 1 {
			w.Fail("%v is in the table %d times", r, n)
		}
		if n > 0 && r.Version < floors[partitionOf(r)] {
			w.Fail("%v was truncated, and is back", r)
		}
	}
}

// rows are those of the table.
func (w *world) rows() (all []standin.Row) {
	w.mu.Lock()
	order := w.order[:len(w.order):len(w.order)]
	w.mu.Unlock()
	for _, r := range order {
		for range w.table.Has(r) {
			all = append(all, r)
		}
	}
	return all
}

// empty deletes rows for a truncate that a partition has met.
func (w *world) empty(p int, below change.Version) {
	w.mu.Lock()
	w.floors[p], w.floor = max(w.floors[p], below), max(w.floor, below)
	w.mu.Unlock()
	w.table.DeleteBelow(below)
}

// note remembers under which tokens rows were sent. A row that was sent under two has outlived its first.
func (w *world) note(token string, rows []standin.Row) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range rows {
		if w.tokens[r] == nil {
			w.tokens[r] = map[string]bool{}
		}
		w.tokens[r][token] = true
		if len(w.tokens[r]) > 1 {
			w.excused[r] = true
		}
	}
}

// excuse is for rows whose token is worth nothing: what the view makes of them is not promised.
func (w *world) excuse(rows []standin.Row) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range rows {
		w.excused[r] = true
	}
}

// overflow has the table forget its older tokens. What it has and its view has not, no token will bring.
func (w *world) overflow() {
	w.Say("the window overflows")
	w.mu.Lock()
	for r := range w.landed {
		if w.table.Has(r) != w.table.Seen(r) {
			w.excused[r] = true
		}
	}
	w.mu.Unlock()
	w.table.Overflow(settled)
}

// buried notes dead letters that were acknowledged.
func (w *world) buried(letters []partition.DeadLetter) {
	for i := range letters {
		l := &letters[i]
		m := w.source.log(l.Partition)[l.Record.Offset]
		if m.kind != refused && m.kind != poison {
			w.Fail("the message at offset %d of partition %d is buried without a reason: %s", l.Record.Offset, l.Partition, l.Reason)
		}
		w.mu.Lock()
		w.places[l.Partition][l.Record.Offset] = true
		w.lettersOf.rows[m.row] = true
		w.mu.Unlock()
	}
}

// watch looks at what is committed, all the time.
func (w *world) watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.over:
			return
		case <-time.After(20 * time.Millisecond):
		}
		w.mu.Lock()
		reached := w.reached // before what is committed now
		w.mu.Unlock()
		offsets, _ := w.committed()
		for p, o := range offsets {
			switch {
			case o >= 0 && o < reached[p]:
				w.Fail("partition %d: the offset was turned back from %d to %d", p, reached[p], o)
				return
			case o > reached[p]:
				w.watermark("the group", p, o)
			}
		}
	}
}

// watermark checks that everything before a committed offset is where it should be.
func (w *world) watermark(who string, p int, offset int64) {
	if o := w.firstLost(p, offset); o >= 0 {
		w.Fail("%s: partition %d is committed up to %d, and what is at %d is lost: %+v", who, p, offset, o, w.source.log(p)[o])
	}
}

// firstLost is the first message before a committed offset that is not where it should be; -1 for none.
func (w *world) firstLost(p int, offset int64) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reached[p] = max(w.reached[p], offset)
	for o, m := range w.source.log(p)[:offset] {
		var there bool
		switch m.kind {
		case good:
			there = w.table.Has(m.row) == 1 || m.row.Version < w.floor
		case refused:
			there = w.lettersOf.rows[m.row] || m.row.Version < w.floors[p]
		case poison:
			there = w.places[p][int64(o)]
		case empties:
			there = m.row.Version <= w.floors[p]
		}
		if !there {
			return o
		}
	}
	return -1
}

// check says whether everything is where it should be, at the end.
func (w *world) check() {
	if w.Wrong() != nil {
		return
	}
	for p := range partitions {
		w.watermark("the end", p, int64(len(w.source.log(p))))
		once := map[standin.Row]kind{}
		for _, m := range w.source.log(p) {
			once[m.row] = m.kind
		}
		maps.DeleteFunc(once, func(r standin.Row, k kind) bool { return k == poison || k == empties })
		for r, k := range once {
			w.checkRow(r, k, w.floors[p])
		}
	}
}

func (w *world) checkRow(r standin.Row, k kind, floor change.Version) {
	has, seen := w.table.Has(r), w.table.Seen(r)
	switch {
	case k == refused && has+seen > 0:
		w.Fail("%v was refused, and is there", r)
	case r.Version < floor && has > 0:
		w.Fail("%v was truncated, and is there", r)
	case k == good && r.Version >= floor && has != 1:
		w.Fail("%v is in the table %d times", r, has)
	case k == good && r.Version >= floor && seen != 1 && w.views && !w.excused[r]:
		w.Fail("%v was counted %d times by the view", r, seen)
	}
}
