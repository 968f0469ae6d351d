package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

var snapshotMetrics = []metric{
	{"producer_snapshot_rows_per_second", "rows/s", run.perSecond},
	{"producer_snapshot_cpu", "CPU s/M rows", run.cpuPerMillion},
}

// snapshotConnections is how many the producer takes by default.
const snapshotConnections = 2

// snapshot measures the producer's first start on a full table, from the moment that it has a slot, beside as many
// connections that only COPY.
func (b *bench) snapshot(ctx context.Context, db *database) (map[string]figure, error) {
	psql, err := b.stack.Postgres.Bin("psql")
	if err != nil {
		return nil, err
	}
	b.say("filling the table with %s rows", number(float64(b.rows)))
	if _, err := db.write(ctx, 0, b.rows, perTransaction); err != nil {
		return nil, err
	}
	if err := db.exec(ctx, "VACUUM ANALYZE events"); err != nil { // or the first who reads sets every row's hint bits
		return nil, err
	}
	ours := side{"producer's snapshot", func(ctx context.Context, i int) (r run, err error) {
		c := configured{prefix: fmt.Sprintf("snapshot_%d", i), name: fmt.Sprintf("snapshot_%d", i)}
		config, err := b.writeConfig(c)
		if err != nil {
			return r, err
		}
		defer func() {
			err = errors.Join(err, b.forget(c), db.dropSlots(context.WithoutCancel(ctx), c.name))
		}()
		begun := func() (bool, error) { return db.hasSlot(ctx, c.name) }
		return b.publish(ctx, c, config, begun, 0, b.rows)
	}}
	copies := side{fmt.Sprintf("%d COPY (FORMAT binary)", snapshotConnections), func(ctx context.Context, _ int) (run, error) { return b.copyOut(ctx, db, psql) }}
	runs, err := b.turns(ctx, b.runs, nothing, ours, copies)
	if err != nil {
		return nil, err
	}
	return figures(snapshotMetrics, copies.name, pairOf(runs[0], runs[1])), nil
}

// copyOut copies the table's halves to nowhere.
func (b *bench) copyOut(ctx context.Context, db *database, psql string) (run, error) {
	pages := 0
	if err := db.QueryRow(ctx, "SELECT pg_relation_size('events') / current_setting('block_size')::int").Scan(&pages); err != nil {
		return run{}, err
	}
	began := time.Now()
	commands := make([]*exec.Cmd, snapshotConnections)
	var messages strings.Builder
	for i := range commands {
		sql := fmt.Sprintf("COPY (SELECT * FROM events WHERE ctid >= '(%d,0)' AND ctid < '(%d,0)') TO STDOUT (FORMAT binary)",
			pages*i/snapshotConnections, pages*(i+1)/snapshotConnections)
		c := exec.CommandContext(ctx, psql, "--no-psqlrc", "--command", sql, b.stack.Postgres.DSN()) // standard output is /dev/null
		if i == 0 {
			c.Stderr = &messages // one writer is enough to tell what is wrong with both
		}
		if err := c.Start(); err != nil {
			return run{}, err
		}
		commands[i] = c
	}
	r := run{rows: b.rows}
	var errs []error
	for _, c := range commands {
		errs = append(errs, c.Wait())
		r.cpu += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	}
	r.took = time.Since(began)
	if err := errors.Join(errs...); err != nil {
		return run{}, fmt.Errorf("psql: %w: %s", err, strings.TrimSpace(messages.String()))
	}
	return r, nil
}
