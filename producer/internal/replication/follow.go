package replication

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// follow streams over a connection of its own.
func (r *Replicator) follow(ctx context.Context, plan *plan) error {
	interval, err := r.statusInterval(ctx)
	if err != nil {
		return err
	}
	conn, err := r.connectReplication(ctx)
	if err != nil {
		return err
	}
	limit := &bound{state: r.state, log: r.log}
	if err := limit.raise(ctx); err != nil {
		return err
	}
	from := r.confirmed(plan)
	reader, err := startStream(ctx, conn, command(r.cfg.Slot, from, plan.publications, plan.binary))
	if source.SQLState(err) == source.ObjectInUse {
		return fmt.Errorf("%w: %w", ErrSlotBusy, err)
	}
	if err != nil {
		return fmt.Errorf("start to stream from slot %s: %w", r.cfg.Slot, err)
	}
	r.catalog.from, r.catalog.names, r.catalog.binary = plan.from, map[uint32]source.Name{}, plan.binary
	for _, t := range plan.tables.good {
		r.catalog.names[t.OID] = t.Name
	}
	r.decoder.restart()
	r.log.Info("streaming", append(r.where(), zap.Stringer("from", from), zap.Bool("binary", plan.binary))...)
	s := &stream{
		reader: reader,
		status: &status{
			conn:      reader.conn,
			confirmed: func() change.LSN { return limit.limit(ctx, r.confirmed(plan)) },
			silent:    reader.silent,
			every:     interval,
			asked:     make(chan struct{}, 1),
		},
		decoder: r.decoder, publisher: r.publisher, log: r.log,
	}
	r.enter(Streaming, nil)
	return s.run(ctx)
}

func (r *Replicator) statusInterval(ctx context.Context) (time.Duration, error) {
	conn, err := r.stream.Conn(ctx)
	if err != nil {
		return 0, err
	}
	var timeout int64 // in milliseconds, the setting's unit
	if err := conn.QueryRow(ctx, "SELECT setting::int8 FROM pg_settings WHERE name = 'wal_sender_timeout'").Scan(&timeout); err != nil {
		return 0, fmt.Errorf("read wal_sender_timeout: %w", err)
	}
	return statusInterval(time.Duration(timeout) * time.Millisecond), nil
}
