package replication

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/producer/internal/source"
)

const (
	// readSlotEvery is how often the slot is looked at, and alarmEvery how often what is wrong with it is said.
	readSlotEvery = 5 * time.Second
	alarmEvery    = time.Minute
)

// SlotReading is a slot as it was seen at one time.
type SlotReading struct {
	At time.Time
	// ActivePID is the server process that streams from it, or 0.
	ActivePID int
	// WALStatus is reserved, extended, unreserved or lost.
	WALStatus string
	// Retained is how much of the log the slot keeps from being removed, Lag how much was not confirmed yet, in bytes.
	Retained, Lag int64
	// Safe is how much more may be written before the slot is lost, in bytes; -1 where there is no limit.
	Safe int64
}

// Slot is the last reading; false where there was none yet. It may be called from any goroutine, and never waits.
func (r *Replicator) Slot() (SlotReading, bool) {
	if last := r.reading.Load(); last != nil {
		return *last, true
	}
	return SlotReading{}, false
}

const readingSQL = `
SELECT clock_timestamp(), coalesce(active_pid, 0), coalesce(wal_status, ''), coalesce(safe_wal_size, -1),
	coalesce(pg_current_wal_insert_lsn() - restart_lsn, 0)::int8, coalesce(pg_current_wal_insert_lsn() - confirmed_flush_lsn, 0)::int8
FROM pg_replication_slots WHERE slot_name = $1`

// readSlot gives nil where there is no such slot.
func readSlot(ctx context.Context, conn *pgx.Conn, name string) (*SlotReading, error) {
	var s SlotReading
	err := conn.QueryRow(ctx, readingSQL, name).Scan(&s.At, &s.ActivePID, &s.WALStatus, &s.Safe, &s.Retained, &s.Lag)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the slot %s: %w", name, err)
	}
	return &s, nil
}

// watchSlot reads the slot until ctx ends, over a connection of its own: also while another producer has it, and while
// the stream is held up.
func (r *Replicator) watchSlot(ctx context.Context) {
	session, err := source.NewSession(r.cfg.DSN)
	if err != nil {
		return // New has refused it
	}
	session.UseCatalogOnly()
	defer session.Close()
	var alarmed time.Time
	for ctx.Err() == nil {
		reading, err := r.lookAtSlot(ctx, session)
		switch {
		case err != nil: // if it is the server, the stream will say so
			r.log.Debug("the slot could not be looked at", zap.Error(err))
		case reading != nil:
			r.reading.Store(reading)
			if time.Since(alarmed) >= alarmEvery && r.alarm(reading) {
				alarmed = time.Now()
			}
		}
		sleep(ctx, r.readEvery)
	}
}

func (r *Replicator) lookAtSlot(ctx context.Context, session *source.Session) (*SlotReading, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*readSlotEvery)
	defer cancel()
	conn, err := session.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return readSlot(ctx, conn, r.cfg.Slot)
}

// alarm says that the slot is a danger to the server, or in danger itself, and reports whether it is.
func (r *Replicator) alarm(s *SlotReading) bool {
	fields := append(r.where(), zap.Int64("retained_bytes", s.Retained), zap.Int64("lag_bytes", s.Lag), zap.String("wal_status", s.WALStatus))
	switch {
	case s.WALStatus == "unreserved" || s.WALStatus == "lost":
		r.log.Warn("the slot is about to be lost, or is: it holds back more log than max_slot_wal_keep_size allows", append(fields, zap.String("fix", "raise max_slot_wal_keep_size, and see why changes are not confirmed"))...)
		return true
	case r.cfg.RetainedWAL > 0 && s.Retained > int64(r.cfg.RetainedWAL):
		r.log.Warn("the slot holds back more log than producer.retained_wal_alarm: it fills the server's disk until changes are confirmed", append(fields, zap.Stringer("alarm", r.cfg.RetainedWAL))...)
		return true
	default:
		return false
	}
}
