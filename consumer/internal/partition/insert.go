package partition

import (
	"context"

	"go.uber.org/zap"
)

// insert is a batch on its way to the target.
type insert struct {
	span   span
	end    int64
	done   context.Context // ends with the insert
	cancel context.CancelFunc
	err    error // valid when done
}

// send inserts the span in the background. Its intent must have been acknowledged.
func (w *Worker) send(ctx context.Context, s span, in intent) {
	p := &insert{span: s, end: in.end}
	p.done, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	w.pending = p
	w.free[0], w.free[1] = w.free[1], w.free[0]
	go func() {
		defer p.cancel()
		p.err = s.batch.Insert(ctx, in.token)
	}()
}

// settle waits for the insert in flight. It takes no context: the insert has the generation's own.
func (w *Worker) settle() error {
	p := w.pending
	if p == nil {
		return nil
	}
	<-p.done.Done()
	w.pending = nil
	if p.err != nil {
		return w.stop(p.span.start.offset, p.err)
	}
	w.log.Debug("inserted", zap.Int("rows", p.span.batch.Rows()), zap.Int64("offset", p.span.start.offset), zap.Int64("end", p.end))
	p.span.batch.Reset()
	return nil
}

// abandon waits for an insert whose outcome nobody asks for any more: its intent is committed, and the next owner
// makes sure of it.
func (w *Worker) abandon() {
	if w.pending != nil {
		<-w.pending.done.Done()
		w.pending = nil
	}
}
