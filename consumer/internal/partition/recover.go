package partition

import (
	"context"
	"fmt"

	"go.uber.org/zap"
)

// recover makes sure of what the metadata says was about to be done, or is not known to be done.
func (w *Worker) recover(ctx context.Context, s state) error {
	in := s.intent
	switch {
	case in != nil && in.end <= w.at.offset:
		return w.stop(w.at.offset, fmt.Errorf("the intent in the commit's metadata ends at offset %d, before the offset itself", in.end))
	case in != nil && in.kind == truncated:
		if err := w.recoverTruncate(ctx, in.end); err != nil {
			return err
		}
	case in != nil && in.kind == whole:
		if err := w.recoverBatch(ctx, in); err != nil {
			return err
		}
	case in != nil:
		w.unsure = max(w.unsure, in.end)
	}
	if w.unsure > w.at.offset {
		return w.byPieces(ctx, w.at, w.unsure, w.limits.Rows)
	}
	return nil
}

// recoverBatch makes sure of an announced batch: it may be in the target, in part or not at all.
func (w *Worker) recoverBatch(ctx context.Context, in *intent) error {
	s, all, err := w.form(ctx, in.end, unlimited)
	if err != nil {
		return err
	}
	w.progress.recovering()
	w.log.Info("recovering an announced batch", zap.Int64("offset", s.start.offset), zap.Int64("end", in.end), zap.Int("rows", s.batch.Rows()))
	if !all { // the target's columns are no longer those of then
		return w.byPieces(ctx, s.start, in.end, w.limits.Rows)
	}
	if err := w.bury(ctx, s.letters); err != nil {
		return err
	}
	if s.batch.Rows() > 0 {
		w.send(ctx, s, in, true)
		if redone, err := w.settle(ctx); err != nil || redone {
			return err
		}
	}
	return w.commit(ctx, w.at, nil)
}
