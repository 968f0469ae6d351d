package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/compare"
	"eventsync/schemas"
)

const partitions = 4

// tables are the versioned one and the append-only one.
var tables = []compare.Table{
	{Source: "items", Target: "items", Versioned: true, Columns: columns},
	{Source: "facts", Target: "facts", Columns: columns},
}

var columns = []compare.Column{{Name: "id"}, {Name: "kind"}, {Name: "amount"}, {Name: "note"}}

// source has a second slot, which sees all that the producer's sees and shares nothing else with it.
const source = `
CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind int NOT NULL, amount int NOT NULL, note text NOT NULL);
CREATE TABLE facts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind int NOT NULL, amount int NOT NULL, note text NOT NULL);
CREATE PUBLICATION ledger FOR TABLE items, facts;`

const secondSlot = `SELECT pg_create_logical_replication_slot('ledger', 'pgoutput')`

func (c *chaos) createSource(ctx context.Context) error {
	return c.postgres(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, source)
		if err == nil {
			_, err = conn.Exec(ctx, secondSlot)
		}
		return err
	})
}

// postgres calls f with a connection to the source.
func (c *chaos) postgres(ctx context.Context, f func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, c.stack.Postgres.DSN())
	if err != nil {
		return err
	}
	return errors.Join(f(conn), conn.Close(ctx))
}

// unmerged keeps the parts of a target as they were inserted, from its first moment after a restart on.
const unmerged = ", max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1, parts_to_delay_insert = 1000000, parts_to_throw_insert = 1000000"

const window = " SETTINGS non_replicated_deduplication_window = 10000"

// targets have two partitions each, so that a block may be there in part.
var targetSQL = []string{
	`CREATE TABLE items (id Int64, kind Int32, amount Int32, note String, _version UInt64, _deleted UInt8, INDEX eventsync_version _version TYPE minmax GRANULARITY 1)
		ENGINE = ReplacingMergeTree(_version, _deleted) PARTITION BY id % 2 ORDER BY id` + window + unmerged,
	`CREATE TABLE facts (id Int64, kind Int32, amount Int32, note String, _version UInt64, INDEX eventsync_version _version TYPE minmax GRANULARITY 1)
		ENGINE = MergeTree PARTITION BY id % 2 ORDER BY id` + window + unmerged,
	`CREATE MATERIALIZED VIEW items_by_kind (kind Int32, n UInt64) ENGINE = SummingMergeTree ORDER BY kind` + window + ` AS SELECT kind, count() AS n FROM items GROUP BY kind`,
	`CREATE MATERIALIZED VIEW facts_by_kind (kind Int32, n UInt64) ENGINE = SummingMergeTree ORDER BY kind` + window + ` AS SELECT kind, count() AS n FROM facts GROUP BY kind`,
}

func (c *chaos) createTargets(ctx context.Context) error {
	cursors, err := schemas.Files.ReadFile("clickhouse/sync_cursors.sql")
	if err != nil {
		return err
	}
	for _, sql := range append(targetSQL, strings.TrimSpace(string(cursors))) {
		if err := c.click.exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// configText has a short session, so that what a dead member had moves soon, and inserts that are few.
const configText = `postgres: {dsn: %q}
kafka: {brokers: [%q], partitions: %d}
clickhouse: {addresses: [%q]}
consumer: {session_timeout: 2s, batch: {interval: 500ms}}
gate: {flag: event_sync_worker_for_click_house, file: flags.json}
log: {format: console}
tables:
  - source: public.items
  - source: public.facts
    append_only: true
`

func (c *chaos) configure() error {
	text := fmt.Appendf(nil, configText, c.stack.Postgres.DSN(), c.stack.Broker.Addr(), partitions, c.click.address)
	return errors.Join(os.WriteFile(c.files().Config, text, 0o644), c.files().SetFlag(true)) //nolint:gosec // G306: the programs read it, whoever they run as
}
