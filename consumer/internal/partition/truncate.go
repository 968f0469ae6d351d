package partition

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"eventsync/pkg/change"
)

// truncate says that the source table was emptied: what is older than the version is gone.
type truncate struct{ version change.Version }

// truncate removes the rows that the source table no longer has, and sees to it that none of them comes back: neither
// by an insert that was sent before, which must have ended, nor by one that is still to come, which the floor holds off.
func (w *Worker) truncate(ctx context.Context, s span) error {
	if err := w.commit(ctx, s.start, newIntent(w.at.offset, truncated)); err != nil {
		return err
	}
	return w.empty(ctx, s.truncate.version)
}

// empty does what the committed intent has announced.
func (w *Worker) empty(ctx context.Context, below change.Version) error {
	w.log.Info("the source table was truncated", zap.Uint64("version", uint64(below)))
	if err := w.quarantine(ctx); err != nil {
		return w.stop(w.at.offset, err)
	}
	err := w.ask(ctx, "removing truncated rows", func(ctx context.Context) error { return w.target.DeleteBelow(ctx, below) })
	if err != nil {
		return err
	}
	w.floor = max(w.floor, below)
	return w.commit(ctx, w.at, nil)
}

// recoverTruncate does again what may have been done: it does no harm.
func (w *Worker) recoverTruncate(ctx context.Context, end int64) error {
	s, _, err := w.form(ctx, end, unlimited)
	switch {
	case err != nil:
		return err
	case s.truncate == nil:
		return w.stop(s.start.offset, fmt.Errorf("the truncate that was announced up to offset %d is not in the topic any more; "+
			"remove the older rows by hand, then see: consumer watermark set", end))
	}
	return w.empty(ctx, s.truncate.version)
}
