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

// typeSQL follows a domain to what it is over; the last domain says which modifier that has.
const typeSQL = `
WITH RECURSIVE base AS (
	SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typnamespace, $2::int4 AS modifier FROM pg_type t WHERE t.oid = $1::oid
	UNION ALL
	SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typnamespace, b.typtypmod FROM base b JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd'
)
SELECT format_type($1::oid, $2::int4), oid, typtype = 'e', modifier,
	CASE WHEN typtype = 'b' AND typnamespace <> 'pg_catalog'::regnamespace THEN (SELECT nspname::text FROM pg_namespace n WHERE n.oid = typnamespace) ELSE '' END
FROM base WHERE typtype <> 'd'`

func (t *Types) resolve(ctx context.Context, oid uint32, modifier int32) (ColumnType, error) {
	if value, name, ok := pgvalue.Builtin(oid); ok && modifier == -1 {
		return ColumnType{Name: name, Value: value}, nil
	}
	conn, err := t.session.Conn(ctx)
	if err != nil {
		return ColumnType{}, err
	}
	var c ColumnType
	var base uint32
	var enum bool
	err = conn.QueryRow(ctx, typeSQL, oid, modifier).Scan(&c.Name, &base, &enum, &modifier, &c.Schema)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // dropped since
		return ColumnType{Name: "???", Value: pgvalue.Other()}, nil
	case err != nil:
		return c, err
	case enum:
		c.Value = pgvalue.Enum()
		return c, nil
	}
	c.Value = pgvalue.Other()
	if value, _, ok := pgvalue.Builtin(base); ok {
		c.Value = value
	}
	if base == pgvalue.NumericOID {
		c.Precision, c.Scale = pgvalue.NumericModifier(modifier)
	}
	return c, nil
}
