package replication

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// origin is the cluster that the server is, and what follows from where the slot was streamed from before.
type origin struct {
	state.Source
	known bool // just so
	anew  bool // the epoch was raised: nothing that was remembered holds here
}

// verifySource compares the server with the one that was last streamed from. It changes nothing.
func (r *Replicator) verifySource(ctx context.Context) (*origin, error) {
	last, found, err := r.state.Source(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := r.connectReplication(ctx)
	if err != nil {
		return nil, err
	}
	defer (&exporter{conn}).close()
	now, err := identify(ctx, conn)
	if err != nil {
		return nil, err
	}
	now.Epoch = r.cfg.Epoch
	o := &origin{Source: now, known: found && now == last}
	switch {
	case !found:
		return o, r.verifyFirst(ctx, conn)
	case now.Epoch < last.Epoch:
		return nil, &source.Refusal{
			Problem: fmt.Sprintf("producer.epoch is %d, but changes of epoch %d were published: new ones would pass for older", now.Epoch, last.Epoch),
			Fix:     fmt.Sprintf("set producer.epoch to %d", last.Epoch),
		}
	case now.Epoch > last.Epoch:
		o.anew = true
		return o, nil
	case now.System != last.System:
		return nil, r.refuseLog(last.Epoch, fmt.Sprintf("the server is another cluster (system identifier %s) than the slot %s was streamed from (%s): its log counts from elsewhere", now.System, r.cfg.Slot, last.System))
	case now.Timeline != last.Timeline:
		return o, r.verifyTimeline(ctx, conn, last.Timeline, now.Timeline)
	default:
		return o, nil
	}
}

// verifyFirst refuses a server whose log is behind what the topics hold, where nothing is remembered of another: it is
// then of a cluster from which the tables have moved without eventsync's memory.
func (r *Replicator) verifyFirst(ctx context.Context, conn *pgconn.PgConn) error {
	published, err := r.published(ctx)
	if err != nil || published == 0 {
		return err
	}
	is, err := pglogrepl.IdentifySystem(ctx, conn)
	if err != nil {
		return fmt.Errorf("identify the server: %w", err)
	}
	if end := change.LSN(change.NewVersion(r.cfg.Epoch, change.LSN(is.XLogPos))); published >= end {
		return r.refuseLog(change.Version(published).Epoch(), fmt.Sprintf("the topics hold changes up to %v, which is past the end of the server's log (%v): they are another cluster's", published, end))
	}
	return nil
}

func identify(ctx context.Context, conn *pgconn.PgConn) (state.Source, error) {
	is, err := pglogrepl.IdentifySystem(ctx, conn)
	if err != nil {
		return state.Source{}, fmt.Errorf("identify the server: %w", err)
	}
	return state.Source{System: is.SystemID, Timeline: is.Timeline}, nil
}

// remember takes note of the cluster. Under a raised epoch all tables begin anew: places in another log say nothing.
func (r *Replicator) remember(ctx context.Context, o *origin) error {
	if o.known {
		return nil
	}
	if o.anew {
		r.log.Warn("producer.epoch was raised: all tables are snapshotted again; when that is done, remove from ClickHouse what this server does not have",
			append(r.where(), zap.Uint8("epoch", o.Epoch), zap.Strings("sql", r.sweep(o.Epoch)))...)
		if err := r.state.Forget(ctx, nil); err != nil {
			return err
		}
	}
	return r.state.SetSource(ctx, o.Source)
}

// refuseLog refuses a log whose places cannot be compared with those of what was published. Its way out is an epoch.
func (r *Replicator) refuseLog(epoch uint8, problem string) error {
	if epoch == math.MaxUint8 {
		return &source.Refusal{
			Problem: problem + "; and there is no epoch left",
			Fix:     "truncate the tables in ClickHouse, and set another kafka.topic_prefix and producer.slot, with producer.epoch 0",
		}
	}
	return &source.Refusal{
		Problem: problem + "; its changes would pass for older ones, or for repeats",
		Fix: fmt.Sprintf("set producer.epoch to %d: the next start takes new snapshots of all tables; when they are done, remove from ClickHouse what this server does not have: %s",
			epoch+1, strings.Join(r.sweep(epoch+1), "; ")),
	}
}

// sweep removes, from ClickHouse, rows of earlier epochs.
func (r *Replicator) sweep(epoch uint8) []string {
	var sql []string
	for _, t := range r.cfg.Tables {
		if t.Target != "" {
			sql = append(sql, fmt.Sprintf("DELETE FROM %s WHERE _version < %d", t.Target, change.NewVersion(epoch, 0)))
		}
	}
	return sql
}
