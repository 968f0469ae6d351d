package soak

import (
	"context"
	"errors"
	"fmt"
)

// retainedLimit is how much the slot may hold back under load: the server itself moves the place from which a slot could
// be read again only every 15 seconds.
const retainedLimit = 1 << 30

// wal is what the slot has held back, in bytes.
type wal struct {
	most, atEnd int64
	loadEnd     string // a place in the log
}

func (s *soak) retained(ctx context.Context) (n int64, err error) {
	err = s.Postgres.QueryRow(ctx, "SELECT coalesce(max(pg_current_wal_insert_lsn() - restart_lsn), 0)::int8 FROM pg_replication_slots").Scan(&n)
	s.wal.most = max(s.wal.most, n)
	return n, err
}

// released reports whether the slot holds nothing of the load back any more. The checkpoint writes what a slot needs to
// move on.
func (s *soak) released(ctx context.Context) (released bool, err error) {
	if _, err := s.Postgres.Exec(ctx, "CHECKPOINT"); err != nil {
		return false, err
	}
	if s.wal.atEnd, err = s.retained(ctx); err != nil {
		return false, err
	}
	err = s.Postgres.QueryRow(ctx, "SELECT coalesce(bool_and(restart_lsn >= $1::pg_lsn), false) FROM pg_replication_slots", s.wal.loadEnd).Scan(&released)
	return released, err
}

func (s *soak) judgeWAL() error {
	s.Say("  WAL held back by the slot: at most %s, the bound is %s; at the end nothing of the load, and %d bytes in all",
		mebibytes(s.wal.most), mebibytes(retainedLimit), s.wal.atEnd)
	if s.wal.most > retainedLimit {
		return fmt.Errorf("%w: %s", errRetained, mebibytes(s.wal.most))
	}
	return nil
}

var errRetained = errors.New("the slot held back too much of the log")
