package replication

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"eventsync/producer/internal/source"
)

// publication is what one of our two publications should be.
type publication struct {
	name    string
	publish string // operations, as the publication's option has them
	tables  []source.Name
}

const (
	allOperations = "insert, update, delete, truncate"
	insertsOnly   = "insert"
)

// publications are the one of the tables with a replica identity, and the one of those that are only appended to: an
// UPDATE of a table without a replica identity fails at the source if a publication has it and publishes updates.
func (r *Replicator) publications(t *tables) (keyed, appended *publication) {
	keyed = &publication{name: r.cfg.Publication, publish: allOperations}
	appended = &publication{name: r.cfg.Publication + "_append", publish: insertsOnly}
	for _, f := range t.good {
		if f.cfg.AppendOnly {
			appended.tables = append(appended.tables, f.Name)
		} else {
			keyed.tables = append(keyed.tables, f.Name)
		}
	}
	return keyed, appended
}

func (p *publication) options() string {
	return fmt.Sprintf("(publish = '%s', publish_via_partition_root = true)", p.publish)
}

// createSQL, add and drop are the statements that do so.
func (p *publication) createSQL(tables []source.Name) string {
	sql := "CREATE PUBLICATION " + source.Quote(p.name)
	if len(tables) > 0 {
		sql += " FOR TABLE " + list(tables)
	}
	return sql + " WITH " + p.options()
}

func (p *publication) add(table source.Name) string {
	return fmt.Sprintf("ALTER PUBLICATION %s ADD TABLE %s", source.Quote(p.name), table.SQL())
}

func (p *publication) drop(table source.Name) string {
	return fmt.Sprintf("ALTER PUBLICATION %s DROP TABLE %s", source.Quote(p.name), table.SQL())
}

// exec runs a statement that the role may not be allowed; then somebody else must.
func (p *publication) exec(ctx context.Context, conn *pgx.Conn, sql string) error {
	_, err := conn.Exec(ctx, sql)
	if source.SQLState(err) == source.InsufficientPrivilege {
		return p.notOwner(sql, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

func (p *publication) notOwner(sql string, err error) *source.Refusal {
	return &source.Refusal{
		Problem: fmt.Sprintf("the role may not make the publication %s what it should be", p.name),
		Fix:     "run as the tables' owner: " + sql,
		Err:     err,
	}
}

// owned tells the tables that the role owns, which only it may publish, from the others.
func owned(ctx context.Context, conn *pgx.Conn, tables []source.Name) (mine, others []source.Name, err error) {
	for _, name := range tables {
		var owns bool
		err := conn.QueryRow(ctx, `SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = $1 AND c.relname = $2`, name.Schema, name.Table).Scan(&owns)
		switch {
		case err != nil && !errors.Is(err, pgx.ErrNoRows): // none is dropped just now
			return nil, nil, fmt.Errorf("read the owner of %s: %w", name, err)
		case owns:
			mine = append(mine, name)
		default:
			others = append(others, name)
		}
	}
	return mine, others, nil
}

// verify reports whether the publication exists, and refuses one that would leave changes out.
func (p *publication) verify(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var ins, upd, del, trunc, root bool
	err := conn.QueryRow(ctx, `SELECT pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot FROM pg_publication WHERE pubname = $1`, p.name).
		Scan(&ins, &upd, &del, &trunc, &root)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the publication %s: %w", p.name, err)
	}
	all := ins && upd && del && trunc
	only := ins && !upd && !del && !trunc
	if !root || p.publish == allOperations && !all || p.publish == insertsOnly && !only {
		return false, &source.Refusal{
			Problem: fmt.Sprintf("the publication %s does not publish what it should", p.name),
			Fix:     fmt.Sprintf("ALTER PUBLICATION %s SET %s", source.Quote(p.name), p.options()),
		}
	}
	return true, nil
}

func publishedTables(ctx context.Context, conn *pgx.Conn, name string) (map[source.Name]bool, error) {
	rows, err := conn.Query(ctx, "SELECT schemaname::text, tablename::text FROM pg_publication_tables WHERE pubname = $1", name)
	if err != nil {
		return nil, fmt.Errorf("read the tables of the publication %s: %w", name, err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[source.Name])
	if err != nil {
		return nil, fmt.Errorf("read the tables of the publication %s: %w", name, err)
	}
	published := map[source.Name]bool{}
	for _, t := range tables {
		published[t] = true
	}
	return published, nil
}
