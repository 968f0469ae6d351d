package snapshot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// worker is one connection that reads the snapshot.
type worker struct {
	session   *source.Session
	conn      *pgx.Conn
	snapshot  *source.Snapshot
	publisher Publisher
	rows      rows
}

// newWorker opens a connection and a transaction that sees the snapshot and holds its tables.
func (s *Snapshotter) newWorker(ctx context.Context, snapshot *source.Snapshot) (*worker, error) {
	session, err := source.NewSession(s.dsn)
	if err != nil {
		return nil, err
	}
	conn, err := session.UseCatalogOnly().Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &worker{session: session, conn: conn, snapshot: snapshot, publisher: s.publisher}
	names := make([]string, len(snapshot.Tables))
	for i, n := range snapshot.Tables {
		names[i] = n.SQL()
	}
	for _, sql := range []string{
		"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		"SET TRANSACTION SNAPSHOT " + source.QuoteLiteral(snapshot.ID),
		"LOCK TABLE " + strings.Join(names, ", ") + " IN ACCESS SHARE MODE",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			w.close()
			return nil, fmt.Errorf("%s: %w", sql, err)
		}
	}
	return w, nil
}

func (w *worker) close() { w.session.Close() }

// describe reads the tables' shapes and sizes.
func (w *worker) describe(ctx context.Context, names []source.Name) ([]*table, error) {
	types := source.NewTypes(w.session)
	tables := make([]*table, 0, len(names))
	for _, name := range names {
		described, err := source.Describe(ctx, w.session, types, name)
		if err != nil {
			return nil, err
		}
		t := &table{Table: described, binary: described.Binary()}
		const sql = "SELECT pg_relation_size($1::oid::regclass) / current_setting('block_size')::int8"
		if err := w.conn.QueryRow(ctx, sql, described.OID).Scan(&t.pages); err != nil {
			return nil, fmt.Errorf("read the size of %s: %w", name, err)
		}
		t.left.Store(t.count())
		t.began = time.Now()
		tables = append(tables, t)
	}
	return tables, nil
}

// copy publishes a chunk's rows.
func (w *worker) copy(ctx context.Context, c chunk) error {
	w.rows.begin(w.snapshot, c.table, func(changes []change.Change) error {
		if err := w.publisher.Publish(ctx, changes); err != nil {
			return publishError(ctx, err)
		}
		return nil
	})
	if _, err := w.conn.PgConn().CopyTo(ctx, &w.rows, c.sql()); err != nil {
		return err
	}
	if err := w.rows.flush(); err != nil {
		return err
	}
	c.table.pagesDone.Add(c.size())
	return nil
}
