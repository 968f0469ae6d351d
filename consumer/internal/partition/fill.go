package partition

import (
	"context"
	"errors"
	"time"
)

// span is a run of the partition that is dealt with as one. It ends at the worker's cursor.
type span struct {
	start    cursor
	batch    Batch
	letters  []DeadLetter // of messages in it that cannot be synced
	size     int          // of the letters, in bytes
	truncate *truncate    // what it ends with, in which case there are no rows
	held     bool         // the gate is closed: what follows was not taken

	single bool       // it is to have one row
	row    DeadLetter // what that row would be as a dead letter

	oldest, newest int64 // commit times of the rows, in microseconds since 1970; 0: there are none
	repeats, late  int   // messages that the chain knew, and such that came late
}

// begin starts a span at the cursor, in the free batch.
func (w *Worker) begin() span {
	s := span{start: w.at, batch: w.free[0]}
	s.batch.Reset()
	return s
}

func (s *span) note(commitTime int64) {
	if s.oldest == 0 {
		s.oldest = commitTime
	}
	s.newest = max(s.newest, commitTime)
}

// idle reports whether nothing in the span has to go anywhere.
func (s *span) idle() bool { return s.batch.Rows() == 0 && len(s.letters) == 0 }

// full reports whether nothing may be added.
func (s *span) full(l Limits) bool {
	return s.batch.Rows() >= l.Rows || s.batch.Bytes() >= l.Bytes || len(s.letters) >= maxLetters || s.size >= l.Bytes || s.truncate != nil
}

// fill takes changes into the free batch until it is full, its time is over, or it is empty and there is something
// else to do: the insert in flight has ended, or the gate has closed. Its error belongs to the record at the cursor.
func (w *Worker) fill(ctx context.Context) (span, error) {
	s := w.begin()
	var flush time.Time // when the batch must go
	for {
		for len(w.rest) > 0 {
			if s.idle() && !w.gate.Open() {
				s.held = true
				return s, nil
			}
			taken, err := w.take(&s, &w.rest[0])
			if err != nil || !taken || s.full(w.limits) {
				if now := time.Now(); now.Before(flush) {
					w.pace.early(now)
				}
				return s, err
			}
		}
		if flush.IsZero() && !s.idle() {
			w.progress.filling(&s)
			flush = w.pace.turn(time.Now())
		}
		more, err := w.read(ctx, s.idle(), flush)
		if err != nil || !more {
			return s, err
		}
	}
}

// read waits for the next records. It reports false when the batch must go: its time is over, or it is empty and there
// is an end to commit. As long as the batch before it is in flight, it could not be sent, and so it may grow.
func (w *Worker) read(ctx context.Context, idle bool, flush time.Time) (bool, error) {
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	switch {
	case !idle && w.inFlight():
		stop := context.AfterFunc(w.pending.done, cancel)
		defer stop()
	case !idle:
		if !time.Now().Before(flush) { // a reader that always has data would never meet the deadline
			return false, nil
		}
		wait, cancel = context.WithDeadline(wait, flush)
		defer cancel()
	case w.pending != nil:
		stop := context.AfterFunc(w.pending.done, cancel)
		defer stop()
	}
	records, err := w.reader.Read(wait)
	switch {
	case err == nil && len(records) > 0:
		w.rest = records
		return true, nil
	case err == nil: // nothing came, but a hole may have been passed
		w.at.offset = max(w.at.offset, w.reader.Offset())
		return !idle || w.pending != nil || w.at.offset == w.committed, nil
	case ctx.Err() == nil && wait.Err() != nil && errors.Is(err, wait.Err()):
		return !idle && time.Now().Before(flush), nil
	default:
		return false, w.stop(w.at.offset, err)
	}
}

func (w *Worker) inFlight() bool { return w.pending != nil && w.pending.done.Err() == nil }

// form takes the messages up to end, or fewer where they do not fit into one batch of limit rows, whatever the gate and
// the pace say. It reports whether the cursor has come to end.
func (w *Worker) form(ctx context.Context, end int64, limit Limits) (s span, all bool, err error) {
	s = w.begin()
	s.single = limit.Rows == 1
	for w.at.offset < end && !s.full(limit) {
		if len(w.rest) == 0 {
			records, err := w.reader.Read(ctx)
			if err != nil {
				return s, false, w.stop(w.at.offset, err)
			}
			if w.rest = records; len(records) == 0 {
				w.at.offset = max(w.at.offset, w.reader.Offset())
			}
			continue
		}
		if w.rest[0].Offset >= end { // the messages before it are gone
			w.at.offset = end
			break
		}
		taken, err := w.take(&s, &w.rest[0])
		if err != nil || !taken {
			return s, false, err
		}
	}
	return s, w.at.offset >= end, nil
}
