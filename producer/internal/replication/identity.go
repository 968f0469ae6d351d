package replication

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"eventsync/producer/internal/source"
)

// identitySQL gives, for a table and all its partitions, what tells rows apart, and what could.
const identitySQL = `
SELECT n.nspname::text, c.relname::text, c.relreplident::text,
	EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid AND i.indimmediate),
	EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident AND i.indisvalid),
	coalesce((SELECT min(ic.relname::text) FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
		WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
		AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull)), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = $1::oid OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid::regclass))
ORDER BY c.oid <> $1::oid, 1, 2`

// noIdentity refuses a table that would do harm in a publication.
type noIdentity struct{ source.Refusal }

// Unwrap gives the refusal.
func (n *noIdentity) Unwrap() error { return &n.Refusal }

type identity struct {
	Schema, Table string
	Chosen        string
	HasPrimary    bool
	HasIndex      bool
	Candidate     string // an index that could be chosen
}

// verifyIdentity refuses a table whose rows cannot be told apart: its changes would be useless to us, and once it is
// published PostgreSQL itself would refuse UPDATE and DELETE.
func verifyIdentity(ctx context.Context, conn *pgx.Conn, t *source.Table) error {
	rows, err := conn.Query(ctx, identitySQL, t.OID)
	if err != nil {
		return fmt.Errorf("read the replica identity of %s: %w", t.Name, err)
	}
	identities, err := pgx.CollectRows(rows, pgx.RowToStructByPos[identity])
	if err != nil {
		return fmt.Errorf("read the replica identity of %s: %w", t.Name, err)
	}
	i := slices.IndexFunc(identities, func(i identity) bool { return !i.tellsRowsApart() })
	if i < 0 {
		return nil
	}
	return &noIdentity{source.Refusal{
		Problem: fmt.Sprintf("the table %s has no replica identity, so that updates and deletes could not tell which row they are of", source.Name{Schema: identities[i].Schema, Table: identities[i].Table}),
		Fix:     identities[i].fix() + ", or append_only: true for the table if its rows are only ever inserted",
	}}
}

func (i *identity) tellsRowsApart() bool {
	switch i.Chosen {
	case source.IdentityFull:
		return true
	case source.IdentityDefault:
		return i.HasPrimary
	case source.IdentityNothing:
		return false
	default:
		return i.HasIndex
	}
}

func (i *identity) fix() string {
	alter := "ALTER TABLE " + source.Name{Schema: i.Schema, Table: i.Table}.SQL()
	switch {
	case i.HasPrimary:
		return alter + " REPLICA IDENTITY DEFAULT"
	case i.Candidate != "":
		return alter + " REPLICA IDENTITY USING INDEX " + source.Quote(i.Candidate)
	default:
		return alter + " ADD PRIMARY KEY (...), or " + alter + " REPLICA IDENTITY FULL"
	}
}
