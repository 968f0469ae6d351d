package source

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source/pgvalue"
)

// ColumnType is the type of a column, with its modifier.
type ColumnType struct {
	Name      string // as format_type prints it
	Schema    string // where the operators of a type are that is not built in; else ""
	Value     pgvalue.Type
	Precision uint32 // of a numeric; 0 where none is declared
	Scale     int32
}

// Column makes the description of a column of this type.
func (t ColumnType) Column(name string, key bool) change.Column {
	return change.Column{
		Name: name, Type: t.Value.Change(), SourceType: t.Name, Key: key, Precision: t.Precision, Scale: t.Scale,
	}
}

// Types resolves types, and asks the catalog only for what it has not seen. It belongs to one goroutine.
type Types struct {
	session *Session
	known   map[typeID]ColumnType
}

type typeID struct {
	oid      uint32
	modifier int32
}

// NewTypes makes a Types that asks over the session, whose search path must be UseCatalogOnly's.
func NewTypes(session *Session) *Types {
	return &Types{session: session, known: map[typeID]ColumnType{}}
}

// Resolve gives the type of a column.
func (t *Types) Resolve(ctx context.Context, oid uint32, modifier int32) (ColumnType, error) {
	id := typeID{oid, modifier}
	if c, ok := t.known[id]; ok {
		return c, nil
	}
	c, err := t.resolve(ctx, oid, modifier)
	if err != nil {
		return c, fmt.Errorf("look up the type of OID %d: %w", oid, err)
	}
	t.known[id] = c
	return c, nil
}

// typeSQL follows a domain to what it is over; the last domain says which modifier that has. What the type consists of is
// an array's element, a range's subtype, or a multirange's range.
const typeSQL = `
WITH RECURSIVE base AS (
	SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, $2::int4 AS modifier FROM pg_type t WHERE t.oid = $1::oid
	UNION ALL
	SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, b.typtypmod FROM base b JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd'
)
SELECT format_type($1::oid, $2::int4) AS name, t.oid AS base, t.typtype = 'e' AS enum, b.modifier,
	CASE WHEN t.typtype = 'b' AND t.typnamespace <> 'pg_catalog'::regnamespace THEN n.nspname::text ELSE '' END AS schema,
	coalesce(p.prosrc, '') AS shape, coalesce(nullif(t.typelem, 0), r.rngsubtype, m.rngtypid, 0) AS part,
	coalesce(e.typdelim::text, '') AS delimiter
FROM base b JOIN pg_type t ON t.oid = b.oid JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_proc p ON p.oid = t.typsend
LEFT JOIN pg_type e ON e.oid = t.typelem
LEFT JOIN pg_range r ON r.rngtypid = t.oid
LEFT JOIN pg_range m ON m.rngmultitypid = t.oid
WHERE b.typtype <> 'd'`

// foundType is a type as the catalog has it.
type foundType struct {
	Name      string
	Base      uint32
	Enum      bool
	Modifier  int32
	Schema    string
	Shape     string
	Part      uint32
	Delimiter string
}

func (t *Types) resolve(ctx context.Context, oid uint32, modifier int32) (ColumnType, error) {
	if value, name, ok := pgvalue.Builtin(oid); ok && modifier == -1 {
		return ColumnType{Name: name, Value: value}, nil
	}
	conn, err := t.session.Conn(ctx)
	if err != nil {
		return ColumnType{}, err
	}
	rows, err := conn.Query(ctx, typeSQL, oid, modifier)
	if err != nil {
		return ColumnType{}, err
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[foundType])
	if errors.Is(err, pgx.ErrNoRows) { // dropped since
		return ColumnType{Name: "???", Value: pgvalue.Other()}, nil
	}
	if err != nil {
		return ColumnType{}, err
	}
	c := ColumnType{Name: found.Name, Schema: found.Schema}
	if found.Base == pgvalue.NumericOID {
		c.Precision, c.Scale = pgvalue.NumericModifier(found.Modifier)
	}
	c.Value, err = t.value(ctx, &found)
	return c, err
}

// value says how values of a type are read.
func (t *Types) value(ctx context.Context, found *foundType) (pgvalue.Type, error) {
	if value, _, ok := pgvalue.Builtin(found.Base); ok {
		return value, nil
	}
	if found.Enum {
		return pgvalue.Enum(), nil
	}
	shape := pgvalue.Shape(found.Shape)
	switch shape {
	case pgvalue.ShapeText:
		return pgvalue.Text(), nil
	case pgvalue.ShapeHstore:
		return pgvalue.Hstore(), nil
	case pgvalue.ShapeArray, pgvalue.ShapeRange, pgvalue.ShapeMultirange:
	default:
		return pgvalue.Other(), nil
	}
	part, err := t.Resolve(ctx, found.Part, -1)
	if err != nil {
		return pgvalue.Other(), err
	}
	switch shape {
	case pgvalue.ShapeRange:
		return pgvalue.Range(part.Value), nil
	case pgvalue.ShapeMultirange:
		return pgvalue.Multirange(part.Value), nil
	default:
		return pgvalue.Array(part.Value, found.Delimiter[0]), nil
	}
}
