package snapshot

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// reader is one connection whose transaction sees the snapshot.
type reader struct {
	session *source.Session
	types   *source.Types
	conn    *pgx.Conn
	rows    rows
}

func open(ctx context.Context, dsn config.Secret, snap *source.Snapshot, publisher Publisher) (*reader, error) {
	session, err := source.NewSession(dsn)
	if err != nil {
		return nil, err
	}
	session.UseCatalogOnly()
	conn, err := session.Conn(ctx)
	if err != nil {
		return nil, err
	}
	r := &reader{session: session, types: source.NewTypes(session), conn: conn, rows: rows{publisher: publisher, snapshot: snap}}
	for _, sql := range []string{
		"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		"SET TRANSACTION SNAPSHOT " + source.QuoteLiteral(snap.ID),
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			session.Close()
			return nil, fmt.Errorf("enter the snapshot %s: %w", snap.ID, err)
		}
	}
	return r, nil
}

func (r *reader) close() { r.session.Close() }

func (r *reader) describe(ctx context.Context, name source.Name) (*source.Table, error) {
	return source.Describe(ctx, r.session, r.types, name)
}

// pages is how many pages the table has by now.
func (r *reader) pages(ctx context.Context, t *source.Table) (n int64, err error) {
	err = r.conn.QueryRow(ctx, "SELECT pg_relation_size($1::oid) / current_setting('block_size')::int8", t.OID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the pages: %w", err)
	}
	return n, nil
}

// copy publishes the rows of a range, and calls count with how many, now and then.
func (r *reader) copy(ctx context.Context, t *source.Table, part pageRange, count func(int)) error {
	r.rows.begin(ctx, t, count)
	if _, err := r.conn.PgConn().CopyTo(ctx, &r.rows, statement(t, part)); err != nil {
		if r.rows.err != nil {
			return r.rows.err
		}
		return fmt.Errorf("copy%s: %w", part.condition(), err)
	}
	return r.rows.end()
}

func statement(t *source.Table, part pageRange) string {
	columns := make([]string, len(t.Relation.Columns))
	for i := range t.Relation.Columns {
		columns[i] = source.Quote(t.Relation.Columns[i].Name)
	}
	from, format := "ONLY "+t.Name.SQL(), "binary" // tables that inherit have changes of their own
	if t.Kind != source.KindTable {
		from = t.Name.SQL()
	}
	if !t.Binary() {
		format = "text"
	}
	return "COPY (SELECT " + strings.Join(columns, ", ") + " FROM " + from + part.condition() + ") TO STDOUT (FORMAT " + format + ")"
}
