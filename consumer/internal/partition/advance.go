package partition

import (
	"context"

	"go.uber.org/zap"
)

// advance commits the end of everything inserted and, where s has rows, announces and starts the insert of s.
func (w *Worker) advance(ctx context.Context, s span) error {
	w.progress.passed(&s)
	if err := w.bury(ctx, s.letters); err != nil {
		return err
	}
	switch {
	case s.truncate != nil:
		return w.truncate(ctx, s)
	case s.batch.Rows() > 0:
		leave := w.lanes.take(ctx, s.batch.Bytes())
		in := newIntent(w.at.offset, whole)
		if err := w.commit(ctx, s.start, in); err != nil {
			leave()
			return err
		}
		w.send(ctx, s, in, false)
		context.AfterFunc(w.pending.done, leave)
		return nil
	case w.at.offset > w.committed:
		return w.commit(ctx, w.at, nil)
	default:
		return nil
	}
}

// commit makes the cursor's offset the watermark, with an intent for what follows it.
func (w *Worker) commit(ctx context.Context, at cursor, in *intent) error {
	if err := w.claim.Commit(ctx, at.offset, w.metadata(at, in)); err != nil {
		return w.stop(at.offset, err)
	}
	w.committed, w.announced = at.offset, in != nil
	w.tell(at)
	return nil
}

func (w *Worker) metadata(at cursor, in *intent) string {
	s := state{topic: w.topicID, chain: at.chain, floor: w.floor, intent: in}
	if w.unsure > at.offset {
		s.unsure, s.quiet = w.unsure, w.quietSince()
	}
	return s.String()
}

// finish waits for the insert in flight and commits its end.
func (w *Worker) finish(ctx context.Context) error {
	if w.pending == nil {
		return nil
	}
	if redone, err := w.settle(ctx); err != nil || redone {
		return err
	}
	return w.commit(ctx, w.at, nil)
}

// pause waits behind the closed gate, with nothing in flight.
func (w *Worker) pause(ctx context.Context) error {
	w.log.Info("paused: the gate is closed", zap.Int64("watermark", w.committed))
	w.progress.holding(w.rest)
	defer w.progress.released()
	if err := w.gate.Wait(ctx); err != nil {
		return w.stop(w.committed, err)
	}
	w.log.Info("resumed: the gate is open", zap.Int64("watermark", w.committed))
	return nil
}
