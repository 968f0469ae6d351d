package state

import (
	"context"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// Route says over how many partitions changes are spread that were committed at a place in the log or after it, up to
// where the next route begins. Repeats of a change go where the change went, however many partitions there are by then.
type Route struct {
	From       change.LSN
	Partitions int
}

// Routes gives a table's routes, by rising From.
func (s *Store) Routes(ctx context.Context, table source.Name) ([]Route, error) {
	var routes []Route
	err := s.read(ctx, "read eventsync.routes", func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT (from_lsn - '0/0')::int8, partitions FROM eventsync.routes WHERE slot = $1 AND source = $2 ORDER BY from_lsn", s.slot, table.String())
		if err != nil {
			return err
		}
		var from int64
		var r Route
		_, err = pgx.ForEachRow(rows, []any{&from, &r.Partitions}, func() error {
			r.From = lsn(from)
			routes = append(routes, r)
			return nil
		})
		return err
	})
	return routes, err
}

// AddRoute remembers that from a place on changes are spread over so many partitions. The place is the log's end now, or
// after, if that is later: what the caller has published must lie before it.
func (s *Store) AddRoute(ctx context.Context, table source.Name, partitions int, after change.LSN) (Route, error) {
	r := Route{Partitions: partitions}
	err := s.with(ctx, "write eventsync.routes", func(conn *pgx.Conn) error {
		var from int64
		err := conn.QueryRow(ctx, `
			INSERT INTO eventsync.routes (slot, source, from_lsn, partitions)
			VALUES ($1, $2, greatest(pg_current_wal_insert_lsn(), $3::text::pg_lsn), $4)
			ON CONFLICT (slot, source, from_lsn) DO UPDATE SET partitions = excluded.partitions
			RETURNING (from_lsn - '0/0')::int8`,
			s.slot, table.String(), after.String(), partitions).Scan(&from)
		r.From = lsn(from)
		return err
	})
	return r, err
}
