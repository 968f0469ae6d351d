package snapshot

import (
	"fmt"
	"iter"
	"strings"

	"eventsync/producer/internal/source"
)

// chunkPages is the size of a chunk, of 8 KiB pages: small enough for connections to end together.
const chunkPages = 1024

// chunk is a range of a table's pages.
type chunk struct {
	table      *table
	begin, end int64 // the end of the last is open
	whole      bool  // there are no pages: the table is partitioned
}

// count is the number of chunks.
func (t *table) count() int64 {
	if t.Kind != source.KindTable {
		return 1
	}
	return max(1, (t.pages+chunkPages-1)/chunkPages)
}

// chunks gives the chunks in order.
func (t *table) chunks() iter.Seq[chunk] {
	count := t.count()
	return func(yield func(chunk) bool) {
		for i := range count {
			c := chunk{table: t, begin: i * chunkPages, end: (i + 1) * chunkPages, whole: t.Kind != source.KindTable}
			if i == count-1 {
				c.end = 0
			}
			if !yield(c) {
				return
			}
		}
	}
}

// sql is the COPY of the chunk. Children that inherit from a table are tables of their own.
func (c chunk) sql() string {
	columns := make([]string, len(c.table.Relation.Columns))
	for i := range columns {
		columns[i] = source.Quote(c.table.Relation.Columns[i].Name)
	}
	from := c.table.Name.SQL()
	if !c.whole {
		from = fmt.Sprintf("ONLY %s WHERE ctid >= '(%d,0)'", from, c.begin)
		if c.end > 0 {
			from += fmt.Sprintf(" AND ctid < '(%d,0)'", c.end)
		}
	}
	format := "text"
	if c.table.binary {
		format = "binary"
	}
	return fmt.Sprintf("COPY (SELECT %s FROM %s) TO STDOUT (FORMAT %s)", strings.Join(columns, ", "), from, format)
}

// size is how many pages the chunk has.
func (c chunk) size() int64 {
	if c.end == 0 {
		return max(0, c.table.pages-c.begin)
	}
	return c.end - c.begin
}
