package replication

import (
	"context"
	"fmt"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/zap"

	"eventsync/producer/internal/source"
)

// createSlot makes a slot, and exports a snapshot of its very beginning.
func (r *Replicator) createSlot(ctx context.Context, conn *pgconn.PgConn, name string, temporary bool) (pglogrepl.CreateReplicationSlotResult, error) {
	made, err := pglogrepl.ParseCreateReplicationSlot(conn.Exec(ctx, createCommand(name, temporary, r.server.version)))
	switch code := source.SQLState(err); {
	case err == nil && temporary:
		return made, nil
	case err == nil: // nothing was confirmed, but this is where it stands
		_, _, err = r.state.RaiseBound(ctx)
		return made, err
	case code == source.ConfigurationLimit:
		return made, tooFew("max_replication_slots", r.server.slots, r.server.slotsUsed, err)
	case code == source.InsufficientPrivilege:
		return made, r.mayNot("create a replication slot", err)
	default:
		return made, fmt.Errorf("create the slot %s: %w", name, err)
	}
}

// createCommand is CREATE_REPLICATION_SLOT's. A slot that is to stay goes over to a standby where the server can do that.
func createCommand(name string, temporary bool, version int) string {
	switch {
	case temporary:
		return fmt.Sprintf("CREATE_REPLICATION_SLOT %s TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT", source.Quote(name))
	case version < failoverVersion:
		return fmt.Sprintf("CREATE_REPLICATION_SLOT %s LOGICAL pgoutput EXPORT_SNAPSHOT", source.Quote(name))
	default:
		return fmt.Sprintf("CREATE_REPLICATION_SLOT %s LOGICAL pgoutput (SNAPSHOT 'export', FAILOVER true)", source.Quote(name))
	}
}

// ensureFailover has a slot that is there go over to a standby. One that cannot is streamed from all the same.
func (r *Replicator) ensureFailover(ctx context.Context, s *slot) error {
	if s == nil || s.failover || r.server.version < failoverVersion {
		return nil
	}
	conn, err := r.connectReplication(ctx)
	if err != nil {
		return err
	}
	defer (&exporter{conn}).close()
	if err := conn.Exec(ctx, fmt.Sprintf("ALTER_REPLICATION_SLOT %s (FAILOVER true)", source.Quote(r.cfg.Slot))).Close(); err != nil {
		r.log.Warn("the slot will not go over to a standby: a failover loses it", append(r.where(), zap.Error(err))...)
		return nil
	}
	r.log.Info("the slot will go over to a standby", r.where()...)
	return nil
}
