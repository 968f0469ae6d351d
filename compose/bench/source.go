package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"eventsync/schemas"
)

// database is the source, with the events table in it.
type database struct{ *pgx.Conn }

// openSource connects, and makes the table. The caller must Close it.
func openSource(ctx context.Context, dsn string) (*database, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	d := &database{conn}
	if err := d.create(ctx); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return d, nil
}

func (d *database) create(ctx context.Context) error {
	ddl, err := schemas.Files.ReadFile("postgres/events.sql")
	if err != nil {
		return err
	}
	if err := d.exec(ctx, string(ddl)); err != nil {
		return err
	}
	// A vacuum would run beside one side, and not beside the other.
	return d.exec(ctx, "ALTER TABLE events SET (autovacuum_enabled = off)")
}

// insertSQL inserts rows of the ids from $1 to $2, the same ones as newEvent makes.
const insertSQL = `
INSERT INTO events (id, project_id, author_id, group_id, target_id, target_type, action, created_at, updated_at)
SELECT id, CASE WHEN id % 10 < 8 THEN 1 + id * 7919 % 500 END, 1 + id % 2000, CASE WHEN id % 10 = 8 THEN 1 + id % 50 END, nullif(id % 1000, 0),
	(ARRAY['Issue', 'MergeRequest', 'Note', 'Milestone', 'WikiPage::Meta', NULL])[1 + id % 6], 1 + id % 12, t, t
FROM generate_series($1::bigint, $2::bigint) id, LATERAL (SELECT to_timestamp(1700000000 + id) AS t) t`

// write inserts rows behind the ids that are there, in transactions of 1,000, and gives the WAL's position behind them.
func (d *database) write(ctx context.Context, after, rows int) (end string, err error) {
	for id := after + 1; id <= after+rows; id += perTransaction {
		if _, err := d.Exec(ctx, insertSQL, id, min(id+perTransaction-1, after+rows)); err != nil {
			return "", fmt.Errorf("insert: %w", err)
		}
	}
	if err := d.QueryRow(ctx, "SELECT pg_current_wal_insert_lsn()::text").Scan(&end); err != nil {
		return "", err
	}
	return end, d.exec(ctx, "CHECKPOINT") // or it would come beside one side
}

// exec runs a statement.
func (d *database) exec(ctx context.Context, sql string, args ...any) error {
	if _, err := d.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// streams reports whether somebody streams from the slot: not whether somebody has it, as when it is made.
func (d *database) streams(ctx context.Context, slot string) (yes bool, err error) {
	err = d.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_replication_slots JOIN pg_stat_replication ON pid = active_pid
		WHERE slot_name = $1 AND state IN ('catchup', 'streaming'))`, slot).Scan(&yes)
	return yes, err
}
