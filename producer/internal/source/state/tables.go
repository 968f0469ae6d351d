package state

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// Table is how far a table's snapshot is.
type Table struct {
	// From is the end of the first snapshot begun: transactions committed before are in it, and not streamed.
	From change.LSN
	// Version is that of the rows of the last snapshot begun.
	Version change.LSN
	// Round is how often the snapshot was asked for again. What is read counts for the round that it was begun in.
	Round int64
	// Done says that every row of a snapshot is in Kafka.
	Done bool
	// Chunks is how many parts the snapshot has, and ChunksDone how many of them are in Kafka, with Rows rows.
	Chunks, ChunksDone int64
	Rows               int64
	Began, Updated     time.Time
}

// Tables gives what is remembered of the slot's tables, by name.
func (s *Store) Tables(ctx context.Context) (map[source.Name]Table, error) {
	known := map[source.Name]Table{}
	err := s.read(ctx, "read eventsync.progress", func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `
			SELECT source, (streamed_from - '0/0')::int8, (snapshot_lsn - '0/0')::int8, round, done, chunks,
				CASE WHEN done THEN chunks ELSE c.safe END, CASE WHEN done THEN p.rows ELSE c.rows END, began_at, updated_at
			FROM eventsync.progress p CROSS JOIN LATERAL (
				SELECT count(*), coalesce(sum(rows), 0)::int8 FROM eventsync.chunks c
				WHERE c.slot = p.slot AND c.source = p.source AND c.round = p.round
			) c (safe, rows) WHERE slot = $1`, s.slot)
		if err != nil {
			return err
		}
		var name string
		var from, version int64
		var t Table
		_, err = pgx.ForEachRow(rows, []any{&name, &from, &version, &t.Round, &t.Done, &t.Chunks, &t.ChunksDone, &t.Rows, &t.Began, &t.Updated}, func() error {
			t.From, t.Version = lsn(from), lsn(version)
			known[source.ParseName(name)] = t
			return nil
		})
		return err
	})
	return known, err
}

// Forget forgets all tables but these: the changes of the others pass unseen from now on, so that they need a new
// snapshot should they return.
func (s *Store) Forget(ctx context.Context, but []source.Name) error {
	names := make([]string, len(but))
	for i, n := range but {
		names[i] = n.String()
	}
	return s.with(ctx, "forget tables", func(conn *pgx.Conn) error {
		for _, table := range []string{"progress", "chunks", "routes"} {
			if _, err := conn.Exec(ctx, "DELETE FROM eventsync."+table+" WHERE slot = $1 AND source <> ALL ($2)", s.slot, names); err != nil {
				return err
			}
		}
		return nil
	})
}

// Begin remembers that snapshots were begun. The stream of a table of which one was begun before stays where it begins:
// rows of the earlier one may be in Kafka, and only the stream has what became of them.
func (s *Store) Begin(ctx context.Context, tables []source.Due, from, version change.LSN) error {
	return s.with(ctx, "write eventsync.progress", func(conn *pgx.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			for _, t := range tables {
				_, err := tx.Exec(ctx, `
					INSERT INTO eventsync.progress (slot, source, streamed_from, snapshot_lsn) VALUES ($1, $2, $3::text::pg_lsn, $4::text::pg_lsn)
					ON CONFLICT (slot, source) DO UPDATE SET snapshot_lsn = excluded.snapshot_lsn, done = false, updated_at = now()`,
					s.slot, t.String(), from.String(), version.String())
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// Done remembers that a table's snapshot of a round is safe, unless another was asked for meanwhile.
func (s *Store) Done(ctx context.Context, table source.Name, round int64) error {
	return s.with(ctx, "write eventsync.progress", func(conn *pgx.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `
				UPDATE eventsync.progress p SET done = true, updated_at = now(), rows = (
					SELECT coalesce(sum(c.rows), 0) FROM eventsync.chunks c WHERE c.slot = p.slot AND c.source = p.source AND c.round = p.round)
				WHERE slot = $1 AND source = $2 AND round = $3`, s.slot, table.String(), round)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, "DELETE FROM eventsync.chunks WHERE slot = $1 AND source = $2 AND round <= $3", s.slot, table.String(), round)
			return err
		})
	})
}

// Request asks for a new snapshot of a table, whose rows a producer that runs will read; false where the table is not
// known, so that its first is still to come.
func (s *Store) Request(ctx context.Context, table source.Name) (bool, error) {
	found := false
	err := s.read(ctx, fmt.Sprintf("ask for a snapshot of %s", table), func(conn *pgx.Conn) error {
		tag, err := conn.Exec(ctx, `
			UPDATE eventsync.progress SET round = round + 1, done = false, chunks = 0, rows = 0, began_at = now(), updated_at = now()
			WHERE slot = $1 AND source = $2`, s.slot, table.String())
		found = tag.RowsAffected() > 0
		return err
	})
	return found, err
}
