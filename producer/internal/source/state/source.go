package state

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Source is the cluster that a slot was made on.
type Source struct {
	// System is the system identifier, which a cluster and its standbys have in common, and no other cluster has.
	System string
	// Timeline is the one that changes were last streamed from.
	Timeline int32
	// Epoch is the one of the versions that were last published.
	Epoch uint8
}

// Source is what was last remembered; false where nothing was.
func (s *Store) Source(ctx context.Context) (Source, bool, error) {
	var is Source
	var epoch int
	found := false
	err := s.read(ctx, "read eventsync.slots", func(conn *pgx.Conn) error {
		err := conn.QueryRow(ctx, "SELECT system_identifier, timeline, epoch FROM eventsync.slots WHERE slot = $1", s.slot).
			Scan(&is.System, &is.Timeline, &epoch)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	is.Epoch = uint8(epoch) //nolint:gosec // G115: it was one
	return is, found, err
}

// SetSource remembers the cluster, with the end of its log as the bound: that of another cluster or timeline says nothing
// here.
func (s *Store) SetSource(ctx context.Context, is Source) error {
	return s.with(ctx, "write eventsync.slots", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `
			INSERT INTO eventsync.slots (slot, system_identifier, timeline, epoch, bound) VALUES ($1, $2, $3, $4, pg_current_wal_insert_lsn())
			ON CONFLICT (slot) DO UPDATE SET system_identifier = excluded.system_identifier, timeline = excluded.timeline,
				epoch = excluded.epoch, bound = excluded.bound, updated_at = now()`,
			s.slot, is.System, is.Timeline, int(is.Epoch))
		return err
	})
}

// Drop forgets everything of the slot, and takes the schema away where no other slot has anything in it.
func (s *Store) Drop(ctx context.Context) error {
	return s.read(ctx, "drop what eventsync remembers", func(conn *pgx.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			for _, table := range []string{"slots", "progress", "chunks", "routes"} {
				if _, err := tx.Exec(ctx, "DELETE FROM eventsync."+table+" WHERE slot = $1", s.slot); err != nil {
					return err
				}
			}
			var others bool
			if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM eventsync.slots) OR EXISTS (SELECT FROM eventsync.progress)").Scan(&others); err != nil || others {
				return err
			}
			_, err := tx.Exec(ctx, "DROP SCHEMA eventsync CASCADE")
			return err
		})
	})
}
