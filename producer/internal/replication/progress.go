package replication

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// progressTable remembers, at the source itself, which tables were snapshotted.
const progressTable = "eventsync.progress"

const progressDDL = `
CREATE SCHEMA IF NOT EXISTS eventsync;
CREATE TABLE IF NOT EXISTS eventsync.progress (
	slot text NOT NULL,
	source text NOT NULL,
	streamed_from pg_lsn NOT NULL,
	snapshot_lsn pg_lsn NOT NULL,
	done boolean NOT NULL DEFAULT false,
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (slot, source)
);
COMMENT ON TABLE eventsync.progress IS 'eventsync: which tables were snapshotted for which replication slot';
COMMENT ON COLUMN eventsync.progress.streamed_from IS 'transactions committed before are in the first snapshot begun, not streamed';
COMMENT ON COLUMN eventsync.progress.snapshot_lsn IS 'version of the rows of the last snapshot begun';
COMMENT ON COLUMN eventsync.progress.done IS 'every row of a snapshot is in Kafka'`

// progress reads and writes the table's rows of one slot. Its methods may be called from any goroutine.
type progress struct {
	slot    string
	mu      sync.Mutex
	session *source.Session
}

// tableProgress is one table's.
type tableProgress struct {
	from change.LSN
	done bool
}

// load gives what is known of the tables, having made the table if there is none. What is known of others, which are
// not configured any more, is forgotten: their changes pass unseen, so that they need a new snapshot should they return.
func (p *progress) load(ctx context.Context, names []source.Name) (map[source.Name]tableProgress, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	conn, err := p.session.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := ensureProgressTable(ctx, conn); err != nil {
		return nil, err
	}
	configured := make([]string, len(names))
	for i, n := range names {
		configured[i] = n.String()
	}
	if _, err := conn.Exec(ctx, "DELETE FROM eventsync.progress WHERE slot = $1 AND source <> ALL ($2)", p.slot, configured); err != nil {
		return nil, fmt.Errorf("forget tables in %s: %w", progressTable, err)
	}
	rows, err := conn.Query(ctx, "SELECT source, (streamed_from - '0/0')::int8, done FROM eventsync.progress WHERE slot = $1", p.slot)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", progressTable, err)
	}
	known := map[source.Name]tableProgress{}
	var name string
	var from int64
	var done bool
	_, err = pgx.ForEachRow(rows, []any{&name, &from, &done}, func() error {
		known[source.ParseName(name)] = tableProgress{change.LSN(from), done} //nolint:gosec // G115: LSNs are that small
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", progressTable, err)
	}
	return known, nil
}

func ensureProgressTable(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", progressTable).Scan(&exists); err != nil {
		return fmt.Errorf("look for %s: %w", progressTable, err)
	}
	if exists {
		return nil
	}
	_, err := conn.Exec(ctx, progressDDL)
	if source.SQLState(err) == source.InsufficientPrivilege {
		return &source.Refusal{
			Problem: "the role may not create " + progressTable + ", which remembers what was snapshotted",
			Fix:     "run as the database's owner:" + progressDDL + "; GRANT USAGE ON SCHEMA eventsync TO <role>; GRANT SELECT, INSERT, UPDATE, DELETE ON eventsync.progress TO <role>",
			Err:     err,
		}
	}
	if err != nil {
		return fmt.Errorf("create %s: %w", progressTable, err)
	}
	return nil
}

// begin remembers that snapshots were begun. One that was begun before stays where its table's stream begins: rows of
// the earlier one may be in Kafka, and only the stream has what became of them.
func (p *progress) begin(ctx context.Context, tables []source.Name, from, version change.LSN) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	conn, err := p.session.Conn(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		_, err := conn.Exec(ctx, `
			INSERT INTO eventsync.progress (slot, source, streamed_from, snapshot_lsn) VALUES ($1, $2, $3::text::pg_lsn, $4::text::pg_lsn)
			ON CONFLICT (slot, source) DO UPDATE SET snapshot_lsn = excluded.snapshot_lsn, done = false, updated_at = now()`,
			p.slot, t.String(), from.String(), version.String())
		if err != nil {
			return fmt.Errorf("write %s: %w", progressTable, err)
		}
	}
	return nil
}

// done remembers that a table's snapshot is safe.
func (p *progress) done(ctx context.Context, table source.Name) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	conn, err := p.session.Conn(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "UPDATE eventsync.progress SET done = true, updated_at = now() WHERE slot = $1 AND source = $2", p.slot, table.String()); err != nil {
		return fmt.Errorf("write %s: %w", progressTable, err)
	}
	return nil
}

// unfinished gives the tables of which no snapshot is safe, in order.
func unfinished(names []source.Name, known map[source.Name]tableProgress) []source.Name {
	var due []source.Name
	for _, n := range names {
		if !known[n].done {
			due = append(due, n)
		}
	}
	return due
}
