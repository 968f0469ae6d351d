package partition

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/kafkaclient"
)

// maxLetters is how many dead letters a span holds before it is ended for them.
const maxLetters = 1000

// Budget is how many dead letters of one partition are too many. It outlives workers, since a partition that stops for
// them is tried again.
type Budget struct {
	limit int

	mu   sync.Mutex
	hour time.Time // when counting began
	n    int
	last int64 // the greatest offset that was counted: a batch that is formed again meets the same messages
}

// NewBudget allows limit dead letters in an hour.
func NewBudget(limit int) *Budget { return &Budget{limit: limit, last: -1} }

// spend reports whether the message at an offset may still become a dead letter.
func (b *Budget) spend(now time.Time, offset int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if offset <= b.last {
		return true
	}
	if now.Sub(b.hour) >= time.Hour {
		b.hour, b.n = now, 0
	}
	if b.n >= b.limit {
		return false
	}
	b.n, b.last = b.n+1, offset
	return true
}

// condemn makes a dead letter of a message that the span passes, unless there are too many.
func (w *Worker) condemn(s *span, r *kafkaclient.Record, code string, err error) error {
	if err := w.allow(r.Offset, err); err != nil {
		return err
	}
	s.letters = append(s.letters, w.letter(r, code, err))
	s.size += len(r.Key) + len(r.Value)
	return nil
}

// allow stops the partition where one more message that cannot be synced, for the reason, is one too many.
func (w *Worker) allow(offset int64, reason error) error {
	if w.budget.spend(time.Now(), offset) {
		return nil
	}
	return w.stop(offset, &LettersError{fmt.Errorf("more than %d messages in an hour cannot be synced, the last since: %w; "+
		"mend the cause, or raise consumer.dead_letter_limit", w.budget.limit, reason)})
}

// letter makes a dead letter of a record, for the reason err.
func (w *Worker) letter(r *kafkaclient.Record, code string, err error) DeadLetter {
	return DeadLetter{Topic: w.topic, Partition: w.partition, Record: r.Clone(), Code: code, Reason: err.Error()}
}

// bury sends dead letters on their way, before the commit that passes them.
func (w *Worker) bury(ctx context.Context, letters []DeadLetter) error {
	if len(letters) == 0 {
		return nil
	}
	if err := w.letters.Bury(ctx, letters); err != nil {
		return w.stop(letters[0].Record.Offset, err)
	}
	for i := range letters {
		l := &letters[i]
		w.log.Error("a message cannot be synced, and is a dead letter now", zap.Int64("offset", l.Record.Offset), zap.String("code", l.Code), zap.String("reason", l.Reason))
	}
	w.progress.buried(letters)
	return nil
}
