package replication

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// slot is a replication slot that exists.
type slot struct {
	confirmed change.LSN
	failover  bool // goes over to a standby
}

// Newer servers have columns that older ones lack.
const slotSQL = `
SELECT coalesce(plugin, 'none, it is physical'), coalesce(database, ''), current_database(), coalesce(active_pid, 0),
	coalesce(wal_status, ''), coalesce(confirmed_flush_lsn - '0/0', 0)::int8,
	coalesce((to_jsonb(s) ->> 'conflicting')::bool, false), coalesce(to_jsonb(s) ->> 'invalidation_reason', ''),
	coalesce((to_jsonb(s) ->> 'failover')::bool, false), coalesce((to_jsonb(s) ->> 'synced')::bool, false)
FROM pg_replication_slots s WHERE slot_name = $1`

// findSlot gives nil where there is no such slot, and refuses one that is of no use.
func (r *Replicator) findSlot(ctx context.Context, conn *pgx.Conn) (*slot, error) {
	name := r.cfg.Slot
	var plugin, database, current, walStatus, reason string
	var pid int
	var confirmed int64
	var conflicting, failover, synced bool
	err := conn.QueryRow(ctx, slotSQL, name).
		Scan(&plugin, &database, &current, &pid, &walStatus, &confirmed, &conflicting, &reason, &failover, &synced)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for the slot %s: %w", name, err)
	case plugin != "pgoutput":
		return nil, &source.Refusal{
			Problem: fmt.Sprintf("the slot %s is somebody else's: its plugin is %s", name, plugin),
			Fix:     "set producer.slot to another name",
		}
	case database != current:
		return nil, &source.Refusal{
			Problem: fmt.Sprintf("the slot %s is of the database %s", name, database),
			Fix:     "set producer.slot to another name, or correct postgres.dsn",
		}
	case walStatus == "lost" || conflicting || reason != "":
		return nil, &source.Refusal{
			Problem: fmt.Sprintf("the slot %s was invalidated (%s), and with it changes are lost that it had not sent yet", name, invalidation(reason)),
			Fix:     r.startOver(),
		}
	case pid != 0:
		return nil, fmt.Errorf("%w %s (server process %d)", ErrSlotBusy, name, pid)
	}
	return &slot{confirmed: change.LSN(confirmed), failover: failover}, nil //nolint:gosec // G115: LSNs are that small
}

// invalidation says why a slot was given up. Servers before version 17 do not.
func invalidation(reason string) string {
	switch reason {
	case "", "wal_removed":
		return "the log that it needs was removed: max_slot_wal_keep_size limits how much is kept"
	case "rows_removed":
		return "rows of the catalog that it needs were removed"
	case "wal_level_insufficient":
		return "wal_level was not logical for a while"
	case "idle_timeout":
		return "it was not used for longer than idle_replication_slot_timeout"
	default:
		return reason
	}
}

// lostSlot refuses to make a slot again where there was one: what was changed in between would be missing for ever,
// silently.
func (r *Replicator) lostSlot() error {
	return &source.Refusal{
		Problem: fmt.Sprintf("the slot %s is gone, although snapshots were taken for it: what was changed since cannot be had from the log any more", r.cfg.Slot),
		Fix:     r.snapshotAgain(),
	}
}

// startOver is the way out of a slot that cannot go on.
func (r *Replicator) startOver() string {
	return fmt.Sprintf("SELECT pg_drop_replication_slot(%s); ", source.QuoteLiteral(r.cfg.Slot)) + r.snapshotAgain()
}

// snapshotAgain is the way out of a gap in what was streamed.
func (r *Replicator) snapshotAgain() string {
	return fmt.Sprintf("DELETE FROM eventsync.progress WHERE slot = %s; the next start takes new snapshots, which cannot tell which rows were deleted meanwhile",
		source.QuoteLiteral(r.cfg.Slot))
}
