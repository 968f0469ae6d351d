package partition

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// clockSkew is how much the wall clocks of two consumers may differ.
const clockSkew = 5 * time.Second

// beganQuiet works out since when no other owner uses a token: since this one began, or since an earlier one said so in what it
// committed. Without the latter a partition that changes hands often would wait for ever.
func (w *Worker) beganQuiet(s *state) {
	w.quiet, w.announced = time.Now(), s.intent != nil
	switch {
	case s.intent == nil && !s.quiet.IsZero():
		w.quiet, w.disowned = s.quiet.Add(clockSkew), s.quiet
	case s.intent != nil && s.intent.kind == truncated: // before which every insert was acknowledged, or given up
		w.quiet = s.intent.made.Add(clockSkew)
	}
}

// disown takes back what is announced, where it has to be waited for: its token is not used any more, and whoever comes
// next need not begin to wait anew.
func (w *Worker) disown(ctx context.Context) error {
	if !w.announced || w.unsettled() <= 0 {
		return nil
	}
	w.disowned = time.Now()
	return w.commit(ctx, w.at, nil)
}

// quietSince is what others are told: since when no token of before is used, and none of ours is on its way.
func (w *Worker) quietSince() time.Time {
	if w.disowned.IsZero() {
		return w.disowned
	}
	return later(w.disowned, w.unanswered).Add(time.Second - 1).Truncate(time.Second)
}

// unsettled is for how long an insert of earlier times can still land.
func (w *Worker) unsettled() time.Duration {
	return time.Until(later(w.quiet, w.unanswered).Add(w.settled))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// quarantine returns when no insert of earlier times can land any more: neither one that an earlier owner of the
// partition sent while its lease lasted, nor one of ours that was left without an answer. Only then may rows that were
// sent before be sent under another token.
func (w *Worker) quarantine(ctx context.Context) error {
	left := w.unsettled()
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
