package source

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source/pgvalue"
)

// The kinds of relations, and the replica identities, that are told apart.
const (
	KindTable       = "r"
	KindPartitioned = "p"

	IdentityDefault = "d"
	IdentityNothing = "n"
	IdentityFull    = "f"
)

// Table is a table as the catalog has it now.
type Table struct {
	Name      Name
	OID       uint32
	Kind      string
	Permanent bool   // neither temporary nor unlogged
	Identity  string // which replica identity was chosen
	Readable  bool   // by our role
	Relation  *change.Relation
	Filter    string         // the condition, in SQL, under which a row is published; "" for every row
	Types     []pgvalue.Type // of the relation's columns
	Pages     int64          // as they were at the last VACUUM or ANALYZE
	Rows      int64          // likewise; -1 if unknown
}

// Binary reports whether every column's binary format can be read.
func (t *Table) Binary() bool {
	for _, value := range t.Types {
		if !value.Binary() {
			return false
		}
	}
	return true
}

// ErrNoTable says that there is no such table.
var ErrNoTable = errors.New("the table does not exist")

// The columns of the replica identity. Under FULL that is every column; but a row is told apart by the primary key where
// there is one, so that this is what changes are keyed by.
const keySQL = `
	(SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1] FROM pg_index i
	WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
	AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false ELSE i.indisprimary END)`

const tableSQL = `
SELECT c.oid, c.relkind::text, c.relpersistence = 'p', c.relreplident::text, has_table_privilege(c.oid, 'SELECT'),
	coalesce(` + keySQL + `, '{}'), c.relpages::int8, c.reltuples::int8
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2`

// Generated columns are not replicated unless a publication says so, and so no part of the shape.
const columnsSQL = `
SELECT attname, attnum, atttypid, atttypmod FROM pg_attribute
WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
AND CASE WHEN $2::int2[] IS NULL THEN attgenerated = '' ELSE attnum = ANY ($2::int2[]) END
ORDER BY attnum`

// Describe reads from the catalog a table's shape as these publications publish it, the whole where none has it; the error is
// ErrNoTable where there is no such table.
func Describe(ctx context.Context, session *Session, types *Types, name Name, publications []string) (*Table, error) {
	conn, err := session.Conn(ctx)
	if err != nil {
		return nil, err
	}
	t := &Table{Name: name, Relation: &change.Relation{Schema: name.Schema, Table: name.Table}}
	var key []int16
	err = conn.QueryRow(ctx, tableSQL, name.Schema, name.Table).
		Scan(&t.OID, &t.Kind, &t.Permanent, &t.Identity, &t.Readable, &key, &t.Pages, &t.Rows)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("%s: %w", name, ErrNoTable)
	}
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", name, err)
	}
	part, err := readPublished(ctx, conn, t.OID, publications)
	if err != nil {
		return nil, fmt.Errorf("look up what is published of %s: %w", name, err)
	}
	t.Filter = part.filter
	columns, err := readColumns(ctx, conn, t.OID, part.columns)
	if err != nil {
		return nil, fmt.Errorf("describe the columns of %s: %w", name, err)
	}
	inKey := map[int16]bool{}
	for _, number := range key {
		inKey[number] = true
	}
	for _, c := range columns {
		columnType, err := types.Resolve(ctx, c.OID, c.Modifier)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", name, c.Name, err)
		}
		isKey := inKey[c.Number] || t.Identity == IdentityFull && len(key) == 0
		t.Relation.Columns = append(t.Relation.Columns, columnType.Column(c.Name, isKey))
		t.Types = append(t.Types, columnType.Value)
	}
	return t, nil
}

type column struct {
	Name     string
	Number   int16
	OID      uint32
	Modifier int32
}

func readColumns(ctx context.Context, conn *pgx.Conn, table uint32, numbers []int16) ([]column, error) {
	rows, err := conn.Query(ctx, columnsSQL, table, numbers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[column])
}

// PrimaryKey gives the names of the columns that tell a table's rows apart under REPLICA IDENTITY FULL: none where
// there is no primary key.
func PrimaryKey(ctx context.Context, session *Session, table uint32) ([]string, error) {
	conn, err := session.Conn(ctx)
	if err != nil {
		return nil, err
	}
	// Whatever identity the table has by now: the stream is of when it was FULL.
	rows, err := conn.Query(ctx, `SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
		WHERE i.indrelid = $1 AND i.indisprimary AND i.indisvalid AND i.indimmediate AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])`, table)
	if err != nil {
		return nil, fmt.Errorf("look up a primary key: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
