// Package standin is a table of ClickHouse's as far as exactly-once delivery depends on it: which blocks it takes and which
// it drops by their tokens, what it remembers of them, and what a server that dies in the middle of an insert leaves behind.
// A suite that the real engine passes too holds it to that.
package standin

import (
	"maps"
	"slices"
	"sync"
	"time"

	"eventsync/pkg/change"
)

// Row is one row: of a change, in one of the table's partitions.
type Row struct {
	ID        int64
	Partition int
	Version   change.Version
}

// Table is a MergeTree with a deduplication window, and a materialized view that counts its rows into a table with a
// window of its own. Its methods may be called at the same time.
type Table struct {
	window int

	mu     sync.Mutex
	rows   map[Row]int
	seen   map[Row]int // by the view
	tokens []known     // the latest last, as many as the window has
	viewed []known
	blocks []time.Time // when parts were made
}

type token struct {
	text      string
	partition int
}

type known struct {
	token
	since time.Time
	rows  []Row // of the part
}

// New makes a table that remembers as many parts' tokens.
func New(window int) *Table {
	return &Table{window: window, rows: map[Row]int{}, seen: map[Row]int{}}
}

// Death is how far an insert gets whose server dies.
type Death struct {
	// Parts is how many parts of the table are there with their rows; behind all of them comes the view's.
	Parts int
	// Burnt says that the next part is not there, though its token is. Forgot says that it is there, and its token is not:
	// versions of the server differ in what they write first.
	Burnt, Forgot bool
}

// Insert takes a block: of each part that it makes, the token is looked for. With death the insert ends early, and nobody
// hears of it.
func (t *Table) Insert(name string, rows []Row, death *Death) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var partitions []int
	for _, r := range rows {
		if !slices.Contains(partitions, r.Partition) {
			partitions = append(partitions, r.Partition)
		}
	}
	for i, p := range partitions {
		if death != nil && i == death.Parts {
			switch next := (token{name, p}); {
			case death.Burnt:
				t.tokens, _ = t.take(t.tokens, known{next, time.Now(), nil})
			case death.Forgot && !slices.ContainsFunc(t.tokens, next.is):
				t.add(rows, p)
			}
			return
		}
		var taken bool
		if t.tokens, taken = t.take(t.tokens, known{token{name, p}, time.Now(), of(rows, p)}); taken {
			t.add(rows, p)
		}
	}
	if death != nil { // between the table and its view, or in what the view makes
		if death.Burnt {
			t.viewed, _ = t.take(t.viewed, known{token{name, 0}, time.Now(), nil})
		}
		return
	}
	var taken bool
	if t.viewed, taken = t.take(t.viewed, known{token{name, 0}, time.Now(), rows}); taken {
		for _, r := range rows {
			t.seen[r]++
		}
	}
}

// of gives the rows of a partition.
func of(rows []Row, partition int) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Partition != partition })
}

// add makes a part of the rows of a partition.
func (t *Table) add(rows []Row, partition int) {
	t.blocks = append(t.blocks, time.Now())
	for _, r := range of(rows, partition) {
		t.rows[r]++
	}
}

func (k token) is(o known) bool { return o.token == k }

// take reports whether the token is new, and remembers it then.
func (t *Table) take(window []known, k known) ([]known, bool) {
	if slices.ContainsFunc(window, k.is) {
		return window, false
	}
	window = append(window, k)
	return window[max(0, len(window)-t.window):], true
}

// Has is how often the row is in the table, Seen how often the view has counted it.
func (t *Table) Has(r Row) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rows[r]
}

// Seen is how often the view has counted the row.
func (t *Table) Seen(r Row) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen[r]
}

// Remembers reports whether no token of an insert since then can have left the window.
func (t *Table) Remembers(since time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, b := range t.blocks {
		if !b.Before(since) {
			n++
		}
	}
	return n < t.window
}

// Overflow is what others insert: so much that the table and its view remember no token that is as old. A window must
// outlast the time that an insert can be on its way.
func (t *Table) Overflow(age time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := func(k known) bool { return time.Since(k.since) >= age }
	t.tokens, t.viewed = slices.DeleteFunc(t.tokens, old), slices.DeleteFunc(t.viewed, old)
	for range t.window {
		t.blocks = append(t.blocks, time.Now())
	}
}

// DeleteBelow removes the rows of smaller versions. The tokens of parts that it empties are forgotten with them.
func (t *Table) DeleteBelow(v change.Version) {
	t.mu.Lock()
	defer t.mu.Unlock()
	gone := func(r Row) bool { return r.Version < v }
	maps.DeleteFunc(t.rows, func(r Row, _ int) bool { return gone(r) })
	t.tokens = slices.DeleteFunc(t.tokens, func(k known) bool {
		return len(k.rows) > 0 && !slices.ContainsFunc(k.rows, func(r Row) bool { return !gone(r) })
	})
}
