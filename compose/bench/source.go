package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// write inserts rows behind the ids that are there, in transactions of so many, and gives the WAL's position behind them.
func (d *database) write(ctx context.Context, after, rows, transaction int) (end string, err error) {
	insert := d.insert
	if transaction == 1 {
		insert, transaction = d.insertSingly, rows
	}
	for id := after + 1; id <= after+rows; id += transaction {
		if err := insert(ctx, id, min(id+transaction-1, after+rows)); err != nil {
			return "", fmt.Errorf("insert: %w", err)
		}
	}
	if err := d.QueryRow(ctx, "SELECT pg_current_wal_insert_lsn()::text").Scan(&end); err != nil {
		return "", err
	}
	return end, d.exec(ctx, "CHECKPOINT") // or it would come beside one side
}

// insert inserts rows in one transaction.
func (d *database) insert(ctx context.Context, first, last int) error {
	_, err := d.Exec(ctx, insertSQL, first, last)
	return err
}

// insertSingly inserts rows in a transaction each, at the server, where it is ten times as fast.
func (d *database) insertSingly(ctx context.Context, first, last int) error {
	body := strings.NewReplacer("$1", "i", "$2", "i").Replace(insertSQL)
	_, err := d.Exec(ctx, fmt.Sprintf("DO $body$ BEGIN FOR i IN %d .. %d LOOP %s; COMMIT; END LOOP; END $body$", first, last, body))
	return err
}

// empty empties the table, and forgets the slots of earlier parts, so that no WAL is kept for them.
func (d *database) empty(ctx context.Context) error {
	if err := d.exec(ctx, "TRUNCATE events"); err != nil {
		return err
	}
	return d.dropSlots(ctx, "%")
}

// dropSlots drops the slots of a name, which are in use for a moment after their program has ended.
func (d *database) dropSlots(ctx context.Context, like string) error {
	return await(ctx, func() (bool, error) {
		const drop = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name LIKE $1 AND NOT active"
		if err := d.exec(ctx, drop, like); err != nil {
			return false, err
		}
		left := 0
		err := d.QueryRow(ctx, "SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE $1", like).Scan(&left)
		return left == 0, err
	})
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

// hasSlot reports whether the slot is there, which a producer that starts for the first time makes before all else.
func (d *database) hasSlot(ctx context.Context, slot string) (yes bool, err error) {
	err = d.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)", slot).Scan(&yes)
	return yes, err
}

func (b *bench) serverVersion(ctx context.Context) (version string, err error) {
	conn, err := pgx.Connect(ctx, b.stack.Postgres.DSN())
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) //nolint:errcheck // it was only asked
	err = conn.QueryRow(ctx, "SELECT split_part(current_setting('server_version'), ' ', 1)").Scan(&version)
	return version, err
}
