package snapshot

import (
	"context"
	"fmt"
	"strings"

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

// readAhead is how much of COPY's output is read at once.
const readAhead = 256 << 10

// newWorker opens a connection and a transaction that sees the snapshot and holds its tables.
func (s *Snapshotter) newWorker(ctx context.Context, snapshot *source.Snapshot) (*worker, error) {
	session, err := source.NewSession(s.dsn)
	if err != nil {
		return nil, err
	}
	conn, err := session.UseCatalogOnly().UseReadAhead(readAhead).Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &worker{session: session, conn: conn, snapshot: snapshot, publisher: s.publisher}
	for _, sql := range []string{
		"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		"SET TRANSACTION SNAPSHOT " + source.QuoteLiteral(snapshot.ID),
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			w.close()
			return nil, fmt.Errorf("%s: %w", sql, err)
		}
	}
	names := make([]string, len(snapshot.Tables))
	for i, t := range snapshot.Tables {
		names[i] = t.SQL()
	}
	if err := w.lock(ctx, names); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *worker) close() { w.session.Close() }

// lock holds tables as any reader does.
func (w *worker) lock(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	sql := "LOCK TABLE " + strings.Join(names, ", ") + " IN ACCESS SHARE MODE"
	if _, err := w.conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// copy publishes a chunk's rows, and counts them.
func (w *worker) copy(ctx context.Context, c chunk) (rows int64, err error) {
	w.rows.begin(w.snapshot, c.table, func(changes []change.Change) error {
		if err := w.publisher.Publish(ctx, changes); err != nil {
			return publishError(ctx, err)
		}
		rows += int64(len(changes))
		return nil
	})
	if _, err := w.conn.PgConn().CopyTo(ctx, &w.rows, c.sql()); err != nil {
		return 0, err
	}
	if err := w.rows.flush(); err != nil {
		return 0, err
	}
	c.table.pagesRead.Add(c.size())
	return rows, nil
}
