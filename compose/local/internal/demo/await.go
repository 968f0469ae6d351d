package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"eventsync/compose/local/internal/scene"
)

// patience is how long the parts may take to get anywhere before the demo gives up.
const patience = 3 * time.Minute

// await shows the figures until they are as wanted.
func (d *demo) await(ctx context.Context, what string, wanted func(figures) bool) error {
	start := time.Now()
	for tick := time.NewTicker(scene.Refresh); ; {
		f, err := d.figures(ctx)
		if err == nil {
			err = d.Died()
		}
		if err != nil {
			return err
		}
		f.elapsed = time.Since(start)
		d.Show(f.String())
		if wanted(f) {
			return nil
		}
		if f.elapsed > patience && !d.options.Stay {
			return fmt.Errorf("gave up waiting for %s after %v; the logs are %s", what, patience, d.Path("*.log"))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// while shows the figures for as long as f runs.
func (d *demo) while(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	var result error
	err := d.await(ctx, "a client to end", func(figures) bool {
		select {
		case result = <-done:
			return true
		default:
			return false
		}
	})
	if err != nil {
		cancel()
		return errors.Join(err, <-done)
	}
	return result
}

// awaitAll waits until every change that is committed in PostgreSQL by now is in ClickHouse.
func (d *demo) awaitAll(ctx context.Context) error {
	arrived, err := d.Arrived(ctx)
	if err != nil {
		return err
	}
	var failed error
	err = d.await(ctx, "the last changes to arrive", func(figures) bool {
		all, err := arrived(ctx)
		failed = err
		return all || err != nil
	})
	return errors.Join(err, failed)
}
