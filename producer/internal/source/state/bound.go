package state

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
)

// Bound is the place in the log that the slot was never confirmed past; 0 where none is remembered.
func (s *Store) Bound(ctx context.Context) (change.LSN, error) {
	var at int64
	err := s.read(ctx, "read eventsync.slots", func(conn *pgx.Conn) error {
		err := conn.QueryRow(ctx, "SELECT (bound - '0/0')::int8 FROM eventsync.slots WHERE slot = $1", s.slot).Scan(&at)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return lsn(at), err
}

// RaiseBound makes the log's end the bound, and gives it, and the log's end after that. It is safe from a crash when it
// returns, whatever synchronous_commit is.
func (s *Store) RaiseBound(ctx context.Context) (at, end change.LSN, err error) {
	err = s.with(ctx, "write eventsync.slots", func(conn *pgx.Conn) error {
		var bound, after int64
		batch := &pgx.Batch{}
		batch.Queue("BEGIN READ WRITE") // whatever the default: a server that its full disk has made read-only needs this most
		batch.Queue("SET LOCAL synchronous_commit = local")
		batch.Queue("UPDATE eventsync.slots SET bound = pg_current_wal_insert_lsn() WHERE slot = $1 RETURNING (bound - '0/0')::int8", s.slot).
			QueryRow(func(row pgx.Row) error { return row.Scan(&bound) })
		batch.Queue("COMMIT")
		batch.Queue("SELECT (pg_current_wal_insert_lsn() - '0/0')::int8").QueryRow(func(row pgx.Row) error { return row.Scan(&after) })
		if err := conn.SendBatch(ctx, batch).Close(); err != nil {
			return errors.Join(err, rollback(ctx, conn))
		}
		at, end = lsn(bound), lsn(after)
		return nil
	})
	return at, end, err
}

// rollback ends a transaction that a failed batch has left.
func rollback(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "ROLLBACK")
	return err
}
