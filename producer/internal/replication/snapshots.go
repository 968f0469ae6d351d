package replication

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"eventsync/producer/internal/source"
)

const (
	// lookEvery is how often it is looked whether somebody has asked for a snapshot.
	lookEvery = time.Second
	// mendEvery is how often a snapshot is tried that somebody must mend something for.
	mendEvery = time.Minute
)

// takeSnapshots takes the snapshots that are due, beside the stream, until ctx ends. One that fails does not stop the
// stream: it is taken up again where it was.
func (r *Replicator) takeSnapshots(ctx context.Context, plan *plan) error {
	var wait backoff
	for failures := 0; ctx.Err() == nil; {
		began := time.Now()
		err := r.takeDue(ctx, plan, failures)
		var publish *source.PublishError
		var refusal *source.Refusal
		pause := lookEvery
		switch {
		case err == nil || ctx.Err() != nil:
			failures = -1
		case errors.As(err, &publish), errors.Is(err, ErrSlotBusy):
			return err
		case errors.As(err, &refusal):
			pause = mendEvery
			r.log.Error("a snapshot that is due cannot be taken", zap.Error(err), zap.Duration("again_in", pause))
		default:
			pause = wait.next(time.Since(began))
			r.log.Warn("a snapshot was interrupted", zap.Error(err), zap.Duration("again_in", pause))
		}
		failures++
		sleep(ctx, pause)
	}
	return nil
}

// takeDue takes the snapshot that was prepared, or else one of the tables of which one is due: after failures, of one of
// them at a time, so that a table that cannot be read does not keep the others from being read.
func (r *Replicator) takeDue(ctx context.Context, plan *plan, failures int) error {
	if plan.snapshot == nil {
		if err := r.exportDue(ctx, plan, failures); err != nil || plan.snapshot == nil {
			plan.release()
			return err
		}
	}
	defer plan.release()
	if err := r.snapshotter.Copy(ctx, plan.snapshot, r.state); err != nil {
		return fmt.Errorf("take the snapshot: %w", err)
	}
	return nil
}

// exportDue exports a snapshot if one is due of tables that are being streamed.
func (r *Replicator) exportDue(ctx context.Context, plan *plan, failures int) error {
	known, err := r.state.Tables(ctx)
	if err != nil {
		return err
	}
	due := unfinished(plan.tables.synced(), known)
	if len(due) == 0 {
		return nil
	}
	if failures > 0 {
		one := failures % len(due)
		due = due[one : one+1]
	}
	conn, err := r.control.Conn(ctx)
	if err != nil {
		return err
	}
	return r.export(ctx, conn, plan, false, due)
}

// RequestSnapshot asks for a new snapshot of a table, beside its stream: the producer that runs takes it within seconds,
// else the next one that is started.
func RequestSnapshot(ctx context.Context, cfg Config, table string) error {
	name := source.ParseName(table)
	r, err := New(cfg, nil, nil, zap.NewNop())
	if err != nil {
		return err
	}
	defer r.close()
	if !slices.Contains(r.names(), name) {
		return &source.Refusal{
			Problem: fmt.Sprintf("the table %s is not configured", name),
			Fix:     fmt.Sprintf("name one of %v, or add it to tables: its first snapshot is taken when the producer is started again", r.names()),
		}
	}
	found, err := r.state.Request(ctx, name)
	if err != nil {
		return err
	}
	if !found {
		return &source.Refusal{
			Problem: fmt.Sprintf("no snapshot of %s was begun yet for slot %s, so that there is none to take again", name, cfg.Slot),
			Fix:     "start the producer: it takes the first by itself",
		}
	}
	return nil
}
