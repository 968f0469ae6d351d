package replication

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"eventsync/producer/internal/source"
)

// firstWithLists is the first version whose publications list columns and filter rows.
const firstWithLists = 150_000

// columnsSQL gives the columns that a publication lists of a table, and its row filter.
const columnsSQL = `
SELECT (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])),
	coalesce(pg_get_expr(r.prqual, r.prrelid), '')
FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
WHERE p.pubname = $1 AND r.prrelid = $2 AND r.prattrs IS NOT NULL`

// verifyColumns refuses a column list without the key: updates and deletes could not tell which row they are of, and
// PostgreSQL itself would refuse them.
func verifyColumns(ctx context.Context, conn *pgx.Conn, t *source.Table, publication string) error {
	var listed []string
	var filter string
	err := conn.QueryRow(ctx, columnsSQL, publication, t.OID).Scan(&listed, &filter)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the column list of %s: %w", t.Name, err)
	}
	var missing []string
	for _, c := range t.Relation.Columns {
		if c.Key && !slices.Contains(listed, c.Name) {
			missing = append(missing, c.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	table := t.Name.SQL()
	fix := fmt.Sprintf("ALTER PUBLICATION %[1]s DROP TABLE %[2]s; ALTER PUBLICATION %[1]s ADD TABLE %[2]s (%[3]s)", source.Quote(publication), table, quoted(append(missing, listed...)))
	if filter != "" {
		fix += " WHERE (" + filter + ")"
	}
	return &source.Refusal{
		Problem: fmt.Sprintf("the publication %s lists columns of %s without those that tell its rows apart: %s", publication, t.Name, strings.Join(missing, ", ")),
		Fix:     fix,
	}
}

func quoted(names []string) string {
	var q []string
	for _, n := range names {
		q = append(q, source.Quote(n))
	}
	return strings.Join(q, ", ")
}
