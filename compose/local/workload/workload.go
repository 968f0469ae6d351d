// Package workload is the first user's data on the local stack, for the demo, the end-to-end tests and the benchmarks:
// GitLab's events with the tables that they refer to, a load that changes them, pgbench and its four tables, the config
// and the flag that sync them, and what must be equal in the end.
package workload

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/compare"
	"eventsync/schemas"
)

const (
	projects = 500
	groups   = 50
	authors  = 2_000
)

// fill makes groups under three roots, a project namespace under each project's group, and events of which some belong
// to a group only and some to nothing.
const fill = `
INSERT INTO namespaces (id, parent_id, type, traversal_ids) SELECT i, CASE WHEN i > 3 THEN 1 + i %% 3 END, 'Group', CASE WHEN i > 3 THEN ARRAY[1 + i %% 3, i] ELSE ARRAY[i] END FROM generate_series(1, %[2]d) i;
INSERT INTO namespaces (id, parent_id, type, traversal_ids) SELECT 1000 + i, 1 + i %% %[2]d, 'Project', n.traversal_ids || (1000 + i) FROM generate_series(1, %[1]d) i JOIN namespaces n ON n.id = 1 + i %% %[2]d;
INSERT INTO projects (id, namespace_id, project_namespace_id) SELECT i, 1 + i %% %[2]d, 1000 + i FROM generate_series(1, %[1]d) i;
INSERT INTO events (project_id, author_id, group_id, target_id, target_type, action, created_at, updated_at)
SELECT CASE WHEN i %% 10 < 8 THEN 1 + i %% %[1]d END, 1 + i %% %[3]d, CASE WHEN i %% 10 = 8 THEN 1 + i %% %[2]d END, nullif(i %% 1000, 0),
	(ARRAY['Issue', 'MergeRequest', 'Note', 'Milestone', 'WikiPage::Meta', NULL])[1 + i %% 6], 1 + i %% 12, t, t
FROM generate_series(1, %[4]d) i, LATERAL (SELECT now() - (%[4]d - i) * interval '1 second' AS t) t;
`

const (
	insertEvent = `INSERT INTO events (project_id, author_id, target_id, target_type, action) VALUES ($1, $2, $3, 'Issue', $4)`
	updateEvent = `UPDATE events SET action = $2, updated_at = clock_timestamp() WHERE id = ` + someEvent
	deleteEvent = `DELETE FROM events WHERE id = ` + someEvent
	someEvent   = `(SELECT id FROM events WHERE id >= ((SELECT max(id) FROM events) * $1::float8)::bigint ORDER BY id LIMIT 1)`
)

// Create makes the events tables on both sides, with rows in the source, and the targets of pgbench's tables. It
// reports false, and changes no row, where they are there already.
func Create(ctx context.Context, pg *pgx.Conn, click *ch.Client, rows int) (fresh bool, err error) {
	for _, name := range []string{"clickhouse/events.sql", "clickhouse/sync_cursors.sql"} {
		if err := clickFile(ctx, click, name); err != nil {
			return false, err
		}
	}
	for _, sql := range pgbenchTargets {
		if err := click.Do(ctx, ch.Query{Body: sql}); err != nil {
			return false, err
		}
	}
	return CreateSource(ctx, pg, rows)
}

// CreateSource makes the events tables of the source alone, with rows.
func CreateSource(ctx context.Context, pg *pgx.Conn, rows int) (fresh bool, err error) {
	source, err := schemas.Files.ReadFile("postgres/events.sql")
	if err != nil {
		return false, err
	}
	if _, err := pg.Exec(ctx, string(source)); err != nil {
		return false, fmt.Errorf("postgres/events.sql: %w", err)
	}
	if err := pg.QueryRow(ctx, "SELECT NOT EXISTS (SELECT FROM namespaces)").Scan(&fresh); err != nil || !fresh {
		return false, err
	}
	_, err = pg.Exec(ctx, fmt.Sprintf(fill, projects, groups, authors, rows))
	return true, err
}

func clickFile(ctx context.Context, click *ch.Client, name string) error {
	sql, err := schemas.Files.ReadFile(name)
	if err != nil {
		return err
	}
	if err := click.Do(ctx, ch.Query{Body: strings.TrimSpace(string(sql))}); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Events is the pair of events tables.
func Events() compare.Table {
	return compare.Table{
		Source: "events", Target: "events", Versioned: true,
		From: "events e LEFT JOIN projects p ON p.id = e.project_id LEFT JOIN namespaces n ON n.id = coalesce(p.project_namespace_id, e.group_id)",
		Columns: []compare.Column{
			{Name: "id", Postgres: "e.id::text"},
			{Name: "path", Postgres: "coalesce(array_to_string(n.traversal_ids, '/') || '/', '0/')"},
			{Name: "project_id"},
			{Name: "group_id"},
			{Name: "author_id"},
			{Name: "target_id", Postgres: "coalesce(target_id, 0)::text"},
			{Name: "target_type", Postgres: "coalesce(target_type, '')"},
			{Name: "action"},
			micros("created_at"), micros("updated_at"),
		},
	}
}

// Tables are all pairs: events and, where they are there, pgbench's four.
func Tables(pgbench bool) []compare.Table {
	t := []compare.Table{Events()}
	if pgbench {
		t = append(t, pgbenchTables()...)
	}
	return t
}
