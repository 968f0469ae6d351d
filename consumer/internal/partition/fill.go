package partition

import (
	"context"
	"errors"
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient"
)

// span is a run of the partition that became one batch. It ends at the worker's cursor.
type span struct {
	start cursor
	batch Batch
	held  bool // the gate is closed: what follows was not taken
}

// fill takes changes into the free batch until it is full, its time is over, or it is empty and there is something
// else to do: the insert in flight has ended, or the gate has closed. Its error belongs to the record at the cursor.
func (w *Worker) fill(ctx context.Context) (span, error) {
	s := span{start: w.at, batch: w.free[0]}
	s.batch.Reset()
	var flush time.Time // when the batch must go
	for {
		for len(w.rest) > 0 {
			if s.batch.Rows() == 0 && !w.gate.Open() {
				s.held = true
				return s, nil
			}
			taken, err := w.take(s.batch, &w.rest[0])
			if err != nil || !taken {
				return s, err
			}
			if s.batch.Rows() >= w.limits.Rows || s.batch.Bytes() >= w.limits.Bytes {
				return s, nil
			}
		}
		if flush.IsZero() && s.batch.Rows() > 0 {
			flush = time.Now().Add(w.limits.Interval)
		}
		more, err := w.read(ctx, s.batch.Rows() == 0, flush)
		if err != nil || !more {
			return s, err
		}
	}
}

// read waits for the next records. It reports false when the batch must go: its time is over, or it is empty and there
// is an end to commit.
func (w *Worker) read(ctx context.Context, empty bool, flush time.Time) (bool, error) {
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	switch {
	case !empty:
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
		idle := empty && w.pending == nil && w.at.offset > w.committed
		return !idle, nil
	case ctx.Err() == nil && wait.Err() != nil && errors.Is(err, wait.Err()):
		return false, nil
	default:
		return false, w.stop(w.at.offset, err)
	}
}

// take puts one record's change into the batch and moves the cursor past it. It reports false, with nothing moved,
// where the batch has to go first.
func (w *Worker) take(b Batch, r *kafkaclient.Record) (bool, error) {
	next := w.at.chain
	if r.Value != nil { // a tombstone says nothing that the delete before it did not
		if err := w.decode(r); err != nil {
			return false, w.stop(r.Offset, err)
		}
		if next.admit(w.message.Position, w.message.Previous) {
			added, err := b.Append(&w.message)
			if err != nil {
				return false, w.stop(r.Offset, err)
			}
			if !added {
				return false, nil
			}
		}
	}
	w.rest = w.rest[1:]
	w.at = cursor{r.Offset + 1, next}
	if len(w.rest) == 0 {
		w.at.offset = max(w.at.offset, w.reader.Offset())
	}
	return true, nil
}

var errDebezium = errors.New("the value is JSON: only Protobuf messages are read yet; set the producer of this topic to Protobuf, or take the table out of the config")

func (w *Worker) decode(r *kafkaclient.Record) error {
	if len(r.Value) > 0 && r.Value[0] == '{' {
		return errDebezium
	}
	if err := w.decoder.Decode(r.Value, &w.message); err != nil {
		return err
	}
	if w.message.Op == change.Truncate {
		return errTruncate
	}
	return nil
}

var errTruncate = errors.New("the source table was truncated: truncate the target by hand, then move the group's offset of this partition past this message")
