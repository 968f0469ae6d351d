package app

import (
	"context"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/sink"
	"eventsync/pkg/backoff"
)

const (
	firstWait = time.Second
	lastWait  = 30 * time.Second
)

// awaitTarget waits until ClickHouse answers: without it a claim would only keep a partition from a consumer that
// reaches it. A refused password is no reason to wait.
func (a *app) awaitTarget(ctx context.Context) error {
	return again(ctx, a.log, "waiting for ClickHouse", passes, a.sink.Ping)
}

// again asks until there is an answer, or an error that does not pass by itself.
func again(ctx context.Context, log *zap.Logger, waiting string, passes func(error) bool, ask func(context.Context) error) error {
	for retry := backoff.New(firstWait, lastWait); ; {
		err := ask(ctx)
		if err == nil || ctx.Err() != nil || !passes(err) {
			return err
		}
		log.Warn(waiting, zap.Error(err), zap.Duration("next", retry.Next()))
		if err := retry.Wait(ctx); err != nil {
			return err
		}
	}
}

// passes reports whether an error of ClickHouse's may pass by itself.
func passes(err error) bool { return sink.KindOf(err) == sink.Retry }
