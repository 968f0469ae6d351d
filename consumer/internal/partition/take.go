package partition

import (
	"errors"
	"fmt"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
)

// take puts what a record says into the span and moves the cursor past it. It reports false, with nothing moved, where
// the span has to end before it.
func (w *Worker) take(s *span, r *kafkaclient.Record) (bool, error) {
	next := w.at.chain
	if r.Value != nil { // a tombstone says nothing that the delete before it did not
		if err := w.decode(r); err != nil {
			if err := w.condemn(s, r, Undecodable, err); err != nil {
				return false, err
			}
			if p, previous, ok := codec.Positions(r.Value); ok {
				next.admit(p, previous) // or everything behind it would come late
			}
		} else if taken, err := w.admit(s, r, &next); err != nil || !taken {
			return false, err
		}
	}
	w.rest = w.rest[1:]
	w.at = cursor{r.Offset + 1, next}
	if len(w.rest) == 0 {
		w.at.offset = max(w.at.offset, w.reader.Offset())
	}
	return true, nil
}

// decode reads the record's value into w.message: Protobuf, or JSON as Debezium writes it, told apart by the first byte.
func (w *Worker) decode(r *kafkaclient.Record) error {
	if len(r.Value) == 0 || r.Value[0] != '{' {
		return w.protobuf.Decode(r.Value, &w.message)
	}
	ok, err := w.debezium.Decode(r.Key, r.Value, &w.message)
	if err == nil && !ok {
		err = errNoChange
	}
	return err
}

var errNoChange = errors.New("the JSON is no change event of Debezium's")

// admit adds the decoded change to the span, unless it is a repeat or was truncated.
func (w *Worker) admit(s *span, r *kafkaclient.Record, l *chain) (bool, error) {
	m := &w.message
	switch l.admit(m.Position, m.Previous) {
	case repeats:
		if !w.compacted { // where compaction makes holes, the chain says nothing
			s.repeats++
			return true, nil
		}
	case late:
		s.late++
	}
	if m.Op == change.Truncate {
		if s.batch.Rows() > 0 {
			return false, nil
		}
		s.truncate = &truncate{m.Version}
		return true, nil
	}
	if m.Version < w.floor {
		return true, nil
	}
	added, err := s.batch.Append(m)
	switch {
	case err == nil && added:
		s.note(m.CommitTime)
		if s.single {
			s.row = w.letter(r, RefusedByClickHouse, errNoReason)
		}
		return true, nil
	case err == nil:
		return false, nil
	case refusesRow(err):
		err := w.condemn(s, r, RefusedValue, err)
		return err == nil, err
	default:
		return false, w.stop(r.Offset, fmt.Errorf("%s: %w", m.Relation.Name(), err))
	}
}

var errNoReason = errors.New("no reason was given")

// refusesRow is a function of its own, since what errors.As writes to is allocated where it is declared.
func refusesRow(err error) bool {
	var refusal RowRefusal
	return errors.As(err, &refusal) && refusal.RefusesRow()
}
