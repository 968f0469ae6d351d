package replication

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// exporter is the connection that keeps an exported snapshot open: until the next command on it, or its end.
type exporter struct{ conn *pgconn.PgConn }

func (e *exporter) close() {
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTimeout)
	defer cancel()
	_ = e.conn.Close(ctx) // nothing was left to be done on it
}

// export creates the slot, or a temporary one beside it, with a snapshot of its very beginning.
func (r *Replicator) export(ctx context.Context, conn *pgx.Conn, p *plan, create bool, due []source.Due) error {
	replication, err := r.connectReplication(ctx)
	if err != nil {
		return err
	}
	p.exporter = &exporter{replication}

	// Read before the slot's creation begins: changes of transactions that are under way then are in the snapshot, but
	// may also be streamed, or be overtaken by some that are; their own places in the log are greater than this one.
	var version int64
	var taken time.Time
	if err := conn.QueryRow(ctx, "SELECT (pg_current_wal_insert_lsn() - '0/0')::int8, clock_timestamp()").Scan(&version, &taken); err != nil {
		return fmt.Errorf("read the place in the log: %w", err)
	}
	name := r.cfg.Slot
	if !create {
		name = temporarySlot(name, replication.PID())
	}
	r.log.Info("creating a slot; this waits for transactions that are under way", zap.String("slot", name))
	made, err := r.createSlot(ctx, replication, name, !create)
	if err != nil {
		return err
	}
	from, err := pglogrepl.ParseLSN(made.ConsistentPoint)
	if err != nil {
		return fmt.Errorf("create the slot %s: %w", name, err)
	}
	if create {
		p.confirmed = change.LSN(from)
	}
	if len(due) == 0 {
		p.release()
		return nil
	}
	if err := r.state.Begin(ctx, due, change.LSN(from), change.LSN(version)); err != nil { //nolint:gosec // G115: LSNs are that small
		return err
	}
	p.snapshot = &source.Snapshot{
		ID:           made.SnapshotName,
		Version:      change.NewVersion(r.cfg.Epoch, change.LSN(version)), //nolint:gosec // G115: LSNs are that small
		Taken:        taken,
		Publications: p.publications,
		Release:      p.letGo,
		Tables:       due,
	}
	return nil
}

// temporarySlot names a slot after ours and the server process that holds it.
func temporarySlot(slot string, pid uint32) string {
	const longest = 63
	suffix := fmt.Sprintf("_%d", pid)
	return slot[:min(len(slot), longest-len(suffix))] + suffix
}
