package source

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// published is which part of a table publications publish.
type published struct {
	columns []int16 // nil for all that are not generated
	filter  string  // "" for every row
}

// firstWithParts is the first version in which a publication may have parts of tables.
const firstWithParts = 150_000

const publishedSQL = `
SELECT g.attrs::int2[], coalesce(pg_get_expr(g.qual, g.relid), '')
FROM pg_publication p, LATERAL pg_get_publication_tables(p.pubname) g
WHERE p.pubname = ANY ($1) AND g.relid = $2 ORDER BY p.pubname`

// readPublished asks what is published of a table. A row is published that one of the publications publishes; their
// lists of columns are the same, or the server refuses to decode.
func readPublished(ctx context.Context, conn *pgx.Conn, table uint32, publications []string) (published, error) {
	var version int
	if err := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil || version < firstWithParts {
		return published{}, err
	}
	rows, err := conn.Query(ctx, publishedSQL, publications, table)
	if err != nil {
		return published{}, err
	}
	var all published
	var columns []int16
	var filter string
	var filters []string
	_, err = pgx.ForEachRow(rows, []any{&columns, &filter}, func() error {
		all.columns = slices.Clone(columns)
		filters = append(filters, filter)
		return nil
	})
	if !slices.Contains(filters, "") {
		all.filter = strings.Join(filters, " OR ")
	}
	return all, err
}
