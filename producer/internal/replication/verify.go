package replication

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"eventsync/producer/internal/source"
)

const readableSQL = `
SELECT n.nspname::text, has_schema_privilege(n.oid, 'USAGE') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1`

// verifyTable says what keeps a table from being replicated. One that was snapshotted need not be readable any more.
func (r *Replicator) verifyTable(ctx context.Context, conn *pgx.Conn, t *source.Table, cfg Table, snapshotted bool) error {
	switch {
	case t.Kind != source.KindTable && t.Kind != source.KindPartitioned:
		return &source.Refusal{
			Problem: fmt.Sprintf("%s is not a table: the log has no changes of it", t.Name),
			Fix:     "name the tables behind it instead",
		}
	case !t.Permanent:
		return &source.Refusal{
			Problem: fmt.Sprintf("%s is temporary or unlogged: the log has no changes of it", t.Name),
			Fix:     fmt.Sprintf("ALTER TABLE %s SET LOGGED", t.Name.SQL()),
		}
	}
	if !cfg.Watched && !snapshotted {
		if err := verifyReadable(ctx, conn, t); err != nil {
			return err
		}
	}
	if cfg.AppendOnly {
		return nil
	}
	if err := verifyIdentity(ctx, conn, t); err != nil || r.server.version < firstWithLists {
		return err
	}
	return verifyColumns(ctx, conn, t, r.cfg.Publication)
}

func verifyReadable(ctx context.Context, conn *pgx.Conn, t *source.Table) error {
	var schema string
	var usable bool
	if err := conn.QueryRow(ctx, readableSQL, t.OID).Scan(&schema, &usable); err != nil {
		return fmt.Errorf("read the privileges of %s: %w", t.Name, err)
	}
	role := source.Quote(conn.Config().User)
	switch {
	case !usable:
		return &source.Refusal{
			Problem: fmt.Sprintf("the role may not use the schema of %s, which a snapshot needs", t.Name),
			Fix:     fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s", source.Quote(schema), role),
		}
	case !t.Readable:
		return &source.Refusal{
			Problem: fmt.Sprintf("the role may not read %s, which a snapshot needs", t.Name),
			Fix:     fmt.Sprintf("GRANT SELECT ON %s TO %s", t.Name.SQL(), role),
		}
	default:
		return nil
	}
}
