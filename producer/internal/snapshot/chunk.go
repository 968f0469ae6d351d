package snapshot

import (
	"fmt"
	"strings"

	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// chunkPages is the size of a chunk, of 8 KiB pages: small enough for connections to end together, and for little to be
// read again after an interruption. Chunks that are remembered are known by where they begin: it stays as it is.
const chunkPages = 1024

// chunk is what is read at once: pages of a part, or the whole of a part that has none.
type chunk struct {
	table      *table
	part       *part
	begin, end int64
}

// cut cuts a part into chunks of so many pages.
func (t *table) cut(p *part, pages int64) []chunk {
	if p.whole {
		return []chunk{{table: t, part: p}}
	}
	var chunks []chunk
	for begin := int64(0); begin < p.pages; begin += pages {
		chunks = append(chunks, chunk{table: t, part: p, begin: begin, end: min(begin+pages, p.pages)})
	}
	return chunks
}

// id is how the chunk is remembered. Its end is no part of it: on pages that were added since are only rows that were
// written since, which are in the stream.
func (c *chunk) id() state.Chunk {
	return state.Chunk{Relation: c.part.oid, Filenode: c.part.filenode, Page: c.begin}
}

// remembered is the chunk with the rows that were read of it.
func (c *chunk) remembered(rows int64) state.Chunk {
	id := c.id()
	id.Rows = rows
	return id
}

// sql is the COPY of the chunk.
func (c *chunk) sql() string {
	columns := make([]string, len(c.table.Relation.Columns))
	for i := range columns { // by name: a partition may have them in another order
		columns[i] = source.Quote(c.table.Relation.Columns[i].Name)
	}
	from := c.part.sql
	var conditions []string
	if !c.part.whole {
		from = "ONLY " + from // what inherits from a table is a table of its own
		conditions = append(conditions, fmt.Sprintf("ctid >= '(%d,0)' AND ctid < '(%d,0)'", c.begin, c.end))
	}
	if c.table.Filter != "" {
		conditions = append(conditions, "("+c.table.Filter+")")
	}
	if len(conditions) > 0 {
		from += " WHERE " + strings.Join(conditions, " AND ")
	}
	format := "text"
	if c.table.binary {
		format = "binary"
	}
	return fmt.Sprintf("COPY (SELECT %s FROM %s) TO STDOUT (FORMAT %s)", strings.Join(columns, ", "), from, format)
}

// size is how many pages the chunk has, and 1 where there are none.
func (c *chunk) size() int64 {
	if c.part.whole {
		return 1
	}
	return c.end - c.begin
}
