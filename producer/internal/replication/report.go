package replication

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// Report is how a producer stands, as the source shows it: whether it runs, and where, does not matter.
type Report struct {
	Server   string        `json:"server"`
	Version  int           `json:"server_version_num"`
	System   string        `json:"system_identifier"`
	Timeline int32         `json:"timeline"`
	Epoch    uint8         `json:"epoch"`
	Slot     SlotReport    `json:"slot"`
	Tables   []TableReport `json:"tables"`
	// Problem is what keeps a producer from streaming, and Fix what mends it.
	Problem string `json:"problem,omitempty"`
	Fix     string `json:"fix,omitempty"`
}

// SlotReport is the slot.
type SlotReport struct {
	Name   string `json:"name"`
	Exists bool   `json:"exists"`
	// ActivePID is the server process that a producer streams through; 0 where none does.
	ActivePID int    `json:"active_pid"`
	WALStatus string `json:"wal_status"`
	Failover  bool   `json:"failover"`
	Retained  int64  `json:"retained_wal_bytes"`
	Lag       int64  `json:"lag_bytes"`
	// LagSeconds is how long the last confirmed change took; unknown where nothing streams, or nothing was to be confirmed.
	LagSeconds *float64 `json:"lag_seconds"`
	// Safe is how much may be written before the slot is lost; none where that is not limited.
	Safe *int64 `json:"safe_wal_bytes"`
}

// TableReport is one configured table.
type TableReport struct {
	Source string `json:"source"`
	// State is "streamed", "snapshot" while rows are read, "waiting" before that, "watched", or "left out".
	State string `json:"state"`
	// Rows are those in Kafka of the last snapshot, and Percent how much of it is.
	Rows    int64   `json:"snapshot_rows"`
	Percent float64 `json:"snapshot_percent"`
	// Rate and ETA are those of a snapshot under way.
	Rate    float64  `json:"snapshot_rows_per_second,omitempty"`
	ETA     *float64 `json:"snapshot_eta_seconds,omitempty"`
	Problem string   `json:"problem,omitempty"`
	Fix     string   `json:"fix,omitempty"`
}

// The states of a table.
const (
	stateStreamed = "streamed"
	stateSnapshot = "snapshot"
	stateWaiting  = "waiting"
	stateWatched  = "watched"
	stateLeftOut  = "left out"
)

// Status reads how things stand, and changes nothing.
func Status(ctx context.Context, cfg Config, log *zap.Logger) (*Report, error) {
	r, err := New(cfg, nil, nil, log)
	if err != nil {
		return nil, err
	}
	defer r.close()
	conn, err := r.control.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if r.server, err = verifyServer(ctx, conn); r.server == nil {
		return nil, err
	}
	report := &Report{Server: r.control.Address(), Version: r.server.version, Epoch: cfg.Epoch, Slot: SlotReport{Name: cfg.Slot}}
	report.problem(err)
	if _, err := r.findSlot(ctx, conn); !errors.Is(err, ErrSlotBusy) {
		report.problem(err)
	}
	if err := report.readCluster(ctx, conn); err != nil {
		return nil, err
	}
	if err := report.readSlot(ctx, conn); err != nil {
		return nil, err
	}
	return report, report.readTables(ctx, r)
}

// problem notes the first problem.
func (p *Report) problem(err error) {
	if err == nil || p.Problem != "" {
		return
	}
	var refusal *source.Refusal
	if errors.As(err, &refusal) {
		p.Problem, p.Fix = refusal.Problem, refusal.Fix
		return
	}
	p.Problem = err.Error()
}

const clusterSQL = `
SELECT (SELECT system_identifier::text FROM pg_control_system()),
	CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
	ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END`

func (p *Report) readCluster(ctx context.Context, conn *pgx.Conn) error {
	if err := conn.QueryRow(ctx, clusterSQL).Scan(&p.System, &p.Timeline); err != nil {
		return fmt.Errorf("read the cluster's identity: %w", err)
	}
	return nil
}

const slotReportSQL = `
SELECT coalesce((to_jsonb(s) ->> 'failover')::bool, false), extract(epoch FROM r.replay_lag)::float8
FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE slot_name = $1`

func (p *Report) readSlot(ctx context.Context, conn *pgx.Conn) error {
	reading, err := readSlot(ctx, conn, p.Slot.Name)
	if err != nil || reading == nil {
		return err
	}
	s := &p.Slot
	s.Exists, s.ActivePID, s.WALStatus, s.Retained, s.Lag = true, reading.ActivePID, reading.WALStatus, reading.Retained, reading.Lag
	if reading.Safe >= 0 {
		s.Safe = &reading.Safe
	}
	err = conn.QueryRow(ctx, slotReportSQL, s.Name).Scan(&s.Failover, &s.LagSeconds)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) { // dropped just now
		return fmt.Errorf("read the slot %s: %w", s.Name, err)
	}
	return nil
}

func (p *Report) readTables(ctx context.Context, r *Replicator) error {
	known, err := r.state.Tables(ctx)
	if err != nil {
		return err
	}
	if len(known) > 0 && !p.Slot.Exists {
		p.problem(r.lostSlot())
	}
	session := r.control
	found, err := r.describeTables(ctx, session, known)
	if err != nil {
		return err
	}
	bad := map[source.Name]*source.Refusal{}
	for _, b := range found.bad {
		bad[b.Table] = b.Reason
	}
	now := time.Now()
	for _, t := range r.cfg.Tables {
		is, begun := known[t.Name]
		p.Tables = append(p.Tables, tableReport(t, is, begun, bad[t.Name], now))
	}
	return nil
}

func tableReport(t Table, is state.Table, begun bool, bad *source.Refusal, now time.Time) TableReport {
	report := TableReport{Source: t.Name.String(), State: stateWaiting}
	switch {
	case bad != nil:
		report.State, report.Problem, report.Fix = stateLeftOut, bad.Problem, bad.Fix
		return report
	case t.Watched:
		report.State = stateWatched
		return report
	case is.Done:
		report.State, report.Rows, report.Percent = stateStreamed, is.Rows, 100
		return report
	case !begun || is.Chunks == 0:
		return report
	}
	report.State, report.Rows = stateSnapshot, is.Rows
	report.Percent = 100 * float64(is.ChunksDone) / float64(is.Chunks)
	if elapsed := now.Sub(is.Began).Seconds(); elapsed > 0 && is.ChunksDone > 0 {
		report.Rate = float64(is.Rows) / elapsed
		eta := elapsed / float64(is.ChunksDone) * float64(is.Chunks-is.ChunksDone)
		report.ETA = &eta
	}
	return report
}
