package partition

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// quarantine returns when no insert of earlier times can land any more: neither one that an earlier owner of the
// partition sent while its lease lasted, nor one of ours that was left without an answer. Only then may rows that were
// sent before be sent under another token.
func (w *Worker) quarantine(ctx context.Context) error {
	since := w.born
	if w.unanswered.After(since) {
		since = w.unanswered
	}
	left := time.Until(since.Add(w.settled))
	if left <= 0 {
		return nil
	}
	w.log.Info("waiting until no earlier insert can land", zap.Duration("for", left))
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
