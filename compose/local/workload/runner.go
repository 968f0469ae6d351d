package workload

import (
	"context"
)

// Runner runs a Load in the background, over and over. Its zero value is ready.
type Runner struct {
	load   Load
	seed   uint64
	cancel context.CancelFunc
	done   chan error
}

// Start starts the load; it must not be running.
func (r *Runner) Start(dsn string, rate int) {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.done = cancel, make(chan error, 1)
	r.seed++
	go func() { r.done <- r.load.Run(ctx, dsn, rate, r.seed) }()
}

// Stop ends the load, if it runs, and says how many rows it has changed in all.
func (r *Runner) Stop() (changes int64, err error) {
	if r.cancel != nil {
		r.cancel()
		err = <-r.done
		r.cancel = nil
	}
	return r.load.Changes(), err
}

// Changes is how many rows it has changed so far.
func (r *Runner) Changes() int64 { return r.load.Changes() }
