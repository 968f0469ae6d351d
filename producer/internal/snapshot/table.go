package snapshot

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"eventsync/producer/internal/source"
)

// table is one table of a snapshot.
type table struct {
	*source.Table
	round      int64
	binary     bool // it is copied in binary
	parts      []*part
	chunks     []chunk // those to be read
	chunkCount int64   // of all, those included that are in Kafka already
	meterings
}

// part is a relation that holds rows of a table: the table itself, or one of its partitions.
type part struct {
	oid      uint32
	sql      string // its name
	whole    bool   // it has no pages of its own to read by
	filenode uint32 // the file that the pages are of, 0 where there is none
	pages    int64
}

// leavesSQL gives the partitions that hold rows, at any depth, and whether each may be read by itself: it need not, for
// the partitioned table to be. It is of the catalog as it is now, while what holds of them later is that of the snapshot.
const leavesSQL = `
SELECT c.oid, c.oid::regclass::text, c.relkind <> 'r', has_table_privilege(c.oid, 'SELECT')
FROM pg_partition_tree($1::oid::regclass) t JOIN pg_class c ON c.oid = t.relid
WHERE t.isleaf AND c.relkind IN ('r', 'f') ORDER BY c.oid`

// findParts gives a table's parts.
func findParts(ctx context.Context, conn *pgx.Conn, t *source.Table) ([]*part, error) {
	itself := &part{oid: t.OID, sql: t.Name.SQL()}
	if t.Kind != source.KindPartitioned {
		return []*part{itself}, nil
	}
	rows, err := conn.Query(ctx, leavesSQL, t.OID)
	if err != nil {
		return nil, fmt.Errorf("list the partitions of %s: %w", t.Name, err)
	}
	var parts []*part
	var p part
	var readable bool
	allReadable := true
	_, err = pgx.ForEachRow(rows, []any{&p.oid, &p.sql, &p.whole, &readable}, func() error {
		leaf := p
		parts = append(parts, &leaf)
		allReadable = allReadable && readable
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the partitions of %s: %w", t.Name, err)
	}
	if !allReadable {
		itself.whole = true
		return []*part{itself}, nil
	}
	return parts, nil
}

// measureSQL gives a relation's size as it is, and its file as it is and as it is in the snapshot.
const measureSQL = `
SELECT pg_relation_size(oid) / current_setting('block_size')::int8, coalesce(pg_relation_filenode(oid), 0), relfilenode
FROM pg_class WHERE oid = $1`

// errRewritten says that a snapshot cannot be read.
var errRewritten = errors.New("the table was rewritten after the snapshot was taken, and may look empty to it")

// measure reads the sizes of a table's parts, which are locked by now, so that no file is changed for another. A row that
// the snapshot has was written before, and so is on a page that is there now.
func measure(ctx context.Context, conn *pgx.Conn, parts []*part) error {
	for _, p := range parts {
		if p.whole {
			continue
		}
		var before uint32
		err := conn.QueryRow(ctx, measureSQL, p.oid).Scan(&p.pages, &p.filenode, &before)
		switch {
		case errors.Is(err, pgx.ErrNoRows): // a partition that is newer than the snapshot
			p.pages = 0
		case err != nil:
			return fmt.Errorf("read the size of %s: %w", p.sql, err)
		case before != p.filenode:
			return fmt.Errorf("%s: %w", p.sql, errRewritten)
		}
	}
	return nil
}
