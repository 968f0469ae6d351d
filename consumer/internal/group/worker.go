package group

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
)

// ErrRestart is what a worker's error wraps that has made room for itself: it is started again at once.
var ErrRestart = errors.New("the worker starts again")

// work runs the worker of one partition until ctx ends: again after a failure, later each time.
func (gen *generation) work(ctx context.Context, p Partition) {
	g := gen.group
	defer g.clearStopped(p)
	log := gen.log.With(zap.String("topic", p.Topic), zap.Int("partition", p.ID))
	retry := backoff.New(g.cfg.FirstRetry, g.cfg.LastRetry)
	for ctx.Err() == nil {
		started := time.Now()
		err := gen.attempt(ctx, p)
		switch {
		case ctx.Err() != nil:
			if err != nil && !errors.Is(err, ctx.Err()) && !errors.Is(err, context.Cause(ctx)) && !errors.Is(err, ErrFenced) {
				log.Warn("worker failed while it was stopped", zap.Error(err))
			}
			return
		case err == nil:
			<-ctx.Done()
			return
		case errors.Is(err, ErrRestart):
			log.Info("worker starts again", zap.Error(err))
			continue
		}
		if time.Since(started) > g.cfg.LastRetry { // it ran well for long: this is a new failure
			retry.Reset()
		}
		log.Error("partition stopped; the others go on", zap.Error(err), zap.Duration("retry_after", retry.Next()))
		g.setStopped(Stopped{Partition: p, Err: err, RetryAt: time.Now().Add(retry.Next())})
		if retry.Wait(ctx) != nil {
			return
		}
		g.clearStopped(p)
	}
}

// attempt reads what is committed, and runs the worker from there.
func (gen *generation) attempt(ctx context.Context, p Partition) error {
	c, err := gen.claim(ctx, p)
	if err != nil {
		return err
	}
	return gen.worker(ctx, c)
}
