package partition

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
)

// byPieces goes through the messages from a place up to end, whose rows may be in the target already: of each piece only
// what is missing is sent, under a token of its own. A piece that the server refuses is halved, down to the row that it
// does not take. rows is how many the first piece has at most.
func (w *Worker) byPieces(ctx context.Context, from cursor, end int64, rows int) error {
	w.unsure = max(w.unsure, end)
	end = w.unsure
	w.rewind(from)
	for w.at.offset < end {
		if !w.gate.Open() { // what is missing may wait as well
			if err := w.pause(ctx); err != nil {
				return err
			}
		}
		if err := w.disown(ctx); err != nil {
			return err
		}
		if err := w.quarantine(ctx); err != nil {
			return w.stop(w.at.offset, err)
		}
		grown, err := w.piece(ctx, end, rows)
		if err != nil {
			return err
		}
		rows = max(1, min(grown, w.limits.Rows))
	}
	w.unsure, w.disowned = 0, time.Time{}
	return nil
}

// rewind makes a place what is taken next.
func (w *Worker) rewind(to cursor) {
	w.rest = nil
	w.reader.SeekTo(to.offset)
	w.at = to
}

// piece deals with the next piece, and gives how many rows the one after it may have. When it was in vain, the cursor is
// where it was.
func (w *Worker) piece(ctx context.Context, end int64, rows int) (next int, err error) {
	limits := w.limits
	limits.Rows = rows
	s, _, err := w.form(ctx, end, limits)
	if err != nil {
		return 0, err
	}
	formed := s.batch.Rows()
	w.progress.passed(&s)
	if err := w.bury(ctx, s.letters); err != nil {
		return 0, err
	}
	if s.truncate != nil {
		return rows, w.truncate(ctx, s)
	}
	left := 0
	if formed > 0 {
		err := w.ask(ctx, "looking which rows the target has", func(ctx context.Context) (err error) {
			left, err = s.batch.DropPresent(ctx)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	w.log.Info("a piece", zap.Int64("offset", s.start.offset), zap.Int64("end", w.at.offset), zap.Int("rows", formed), zap.Int("missing", left))
	if left > 0 {
		k := whole
		if left < formed {
			k = part
		}
		again, err := w.insertPiece(ctx, s, k)
		switch {
		case err != nil:
			return 0, err
		case again != nil && again.refused == nil:
			w.rewind(s.start)
			return rows, nil
		case again != nil && !s.single:
			w.rewind(s.start)
			return formed / 2, nil
		case again != nil: // the one row
			s.row.Reason = again.refused.Error()
			if err := w.allow(s.row.Record.Offset, again.refused); err != nil {
				return 0, err
			}
			if err := w.bury(ctx, []DeadLetter{s.row}); err != nil {
				return 0, err
			}
		}
	}
	return 2 * rows, w.commit(ctx, w.at, nil)
}

// insertPiece announces and sends the rows that are left of a piece.
func (w *Worker) insertPiece(ctx context.Context, s span, k kind) (*redo, error) {
	in := newIntent(w.at.offset, k)
	if err := w.commit(ctx, s.start, in); err != nil {
		return nil, err
	}
	w.send(ctx, s, in, false)
	_, again, err := w.await()
	return again, err
}

// ask asks the target, again and again while it cannot answer.
func (w *Worker) ask(ctx context.Context, what string, question func(context.Context) error) error {
	for retry := backoff.New(firstPause, lastPause); ; {
		err := question(ctx)
		var failure Failure
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !errors.As(err, &failure) || !failure.Again() {
			return w.stop(w.at.offset, err)
		}
		w.progress.retrying(err)
		w.log.Warn("no answer of the target; asking again", zap.String("what", what), zap.Duration("pause", retry.Next()), zap.Error(err))
		if err := retry.Wait(ctx); err != nil {
			return w.stop(w.at.offset, err)
		}
	}
}
