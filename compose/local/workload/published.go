package workload

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Published gives a function that reports whether every change committed before this call is acknowledged by Kafka.
func Published(ctx context.Context, pg *pgx.Conn) (func(context.Context) (bool, error), error) {
	var end string
	if err := pg.QueryRow(ctx, "SELECT pg_current_wal_insert_lsn()::text").Scan(&end); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (done bool, err error) {
		// An idle producer confirms the server's position only now and then; a change makes it do so at once.
		if _, err := pg.Exec(ctx, "SELECT pg_logical_emit_message(true, 'eventsync', '')"); err != nil {
			return false, err
		}
		err = pg.QueryRow(ctx, "SELECT coalesce(bool_and(confirmed_flush_lsn >= $1::pg_lsn), false) FROM pg_replication_slots WHERE slot_type = 'logical' AND NOT temporary", end).Scan(&done)
		return done, err
	}, nil
}
