package partition

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
)

const (
	firstPause = 100 * time.Millisecond
	lastPause  = 10 * time.Second
)

// insert is a batch on its way to the target.
type insert struct {
	span     span
	end      cursor
	intent   *intent
	metadata string // of the commit that announced it
	repeated bool   // an earlier owner may have sent it
	rows     int
	began    time.Time
	// first and last are when it was sent, at the earliest and at the latest.
	first, last time.Time

	done   context.Context // ends with the insert; the rest is valid then
	cancel context.CancelFunc
	err    error
	// unanswered is when a try was last left without an answer: it may land yet.
	unanswered time.Time
}

// redo is the outcome of an insert whose token settles nothing: what is missing must be found out, and sent under
// another.
type redo struct {
	why     string
	refused error // by the server, which takes other rows
}

func (r *redo) Error() string { return r.why }

// send inserts the span in the background. Its intent must have been acknowledged.
func (w *Worker) send(ctx context.Context, s span, in *intent, repeated bool) {
	p := &insert{span: s, end: w.at, intent: in, metadata: w.metadata(s.start, in), repeated: repeated, rows: s.batch.Rows(), began: time.Now(), first: time.Now()}
	if repeated {
		p.first = in.made
	}
	p.done, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	w.pending = p
	w.free[0], w.free[1] = w.free[1], w.free[0]
	w.progress.inserting(&s)
	go func() {
		defer p.cancel()
		p.err = w.deliver(ctx, p)
	}()
}

// deliver sends the block until it is sure to be in the target. It ends with ctx, with a *redo, or with an error that
// stops the partition.
func (w *Worker) deliver(ctx context.Context, p *insert) error {
	retry := backoff.New(firstPause, lastPause)
	for resend, doubt := p.repeated, p.repeated; ; resend = true {
		err := w.try(ctx, p, resend, doubt)
		var failure Failure
		if err == nil || ctx.Err() != nil || !errors.As(err, &failure) {
			return err
		}
		if failure.Unanswered() {
			p.unanswered, doubt = time.Now(), true
		}
		switch {
		case failure.RefusesRows():
			return &redo{why: "the server refuses some of the rows", refused: err}
		case !failure.Again():
			return err
		}
		w.progress.retrying(err)
		w.log.Warn("the insert failed, and is tried again under the same token", zap.Int64("offset", p.span.start.offset), zap.Int("rows", p.rows),
			zap.String("token", p.intent.token), zap.Duration("pause", retry.Next()), zap.Error(err))
		if err := retry.Wait(ctx); err != nil {
			return err
		}
	}
}

// try sends the block once. When it was sent before, the token must still be worth something. When it is in doubt what
// became of that, a look at the target has the first word and the last. The lease is looked at last before the block is
// sent.
func (w *Worker) try(ctx context.Context, p *insert, resend, doubt bool) error {
	if resend {
		remembered, err := w.target.Remembers(ctx, p.intent.made)
		if err != nil {
			return err
		}
		if !remembered {
			return &redo{why: "the table may have forgotten the token"}
		}
	}
	if doubt {
		if done, err := w.look(ctx, p); err != nil || done {
			return err
		}
	}
	for !w.claim.Held() { // the same commit again is an answer to whether the partition is still ours
		if err := w.claim.Commit(ctx, p.span.start.offset, p.metadata); err != nil {
			return err
		}
	}
	err := p.span.batch.Insert(ctx, p.intent.token)
	p.last = time.Now() // not before: it may have waited for a server that was starting
	if err != nil || !doubt {
		return err
	}
	left, err := p.span.batch.DropPresent(ctx)
	if err == nil && left > 0 {
		return &redo{why: "the table knows the token, but lacks rows that were sent under it"}
	}
	return err
}

// look finds out what became of a block that was sent before, and reports whether there is nothing left to do. Without
// views what is missing is all that is to be sent. With views it is the whole block: they may lack rows that the table
// has, and only under its token are they given what they lack. But a server that died has views without a block whenever
// its table is without it, since it writes the table first; and it may have kept the token. So nothing of the block is
// sent under that.
func (w *Worker) look(ctx context.Context, p *insert) (done bool, err error) {
	views, err := w.target.HasViews(ctx)
	if err != nil {
		return false, err
	}
	if !views {
		left, err := p.span.batch.DropPresent(ctx)
		return err == nil && left == 0, err
	}
	started, err := w.target.Started(ctx)
	if err != nil || !started.After(p.first) {
		return false, err
	}
	if started.After(p.last) {
		p.unanswered = time.Time{} // what was on its way has died with the server
	}
	missing, err := p.span.batch.Missing(ctx)
	if err == nil && missing == p.rows {
		err = &redo{why: "the server died, and has nothing of the block"}
	}
	return false, err
}

// settle waits for the insert in flight. It takes no context to wait: the insert has the generation's own. It reports
// whether the insert had to be redone by pieces, after which the cursor is at its end and what was filled meanwhile is
// void.
func (w *Worker) settle(ctx context.Context) (redone bool, err error) {
	if w.pending == nil {
		return false, nil
	}
	p, again, err := w.await()
	switch {
	case err != nil:
		return false, err
	case again != nil && ctx.Err() == nil:
		w.progress.redoing()
		w.log.Warn("the batch is gone through by pieces", zap.Int64("offset", p.span.start.offset), zap.Int64("end", p.end.offset),
			zap.String("why", again.why), zap.NamedError("refused", again.refused))
		rows := w.limits.Rows
		if again.refused != nil {
			rows = max(1, p.rows/2)
		}
		return true, w.byPieces(ctx, p.span.start, p.end.offset, rows)
	case again != nil:
		return false, w.stop(p.span.start.offset, again)
	default:
		return false, nil
	}
}

// await waits for the insert in flight, which is in the target then, has to be redone, or has stopped the partition.
func (w *Worker) await() (p *insert, again *redo, err error) {
	p = w.pending
	<-p.done.Done()
	w.pending = nil
	w.unanswered = later(w.unanswered, p.unanswered)
	switch {
	case p.err == nil:
		w.inserted(p)
		return p, nil, nil
	case errors.As(p.err, &again):
		return p, again, nil
	default:
		return p, nil, w.stop(p.span.start.offset, p.err)
	}
}

// inserted notes that the target has all of p.
func (w *Worker) inserted(p *insert) {
	w.log.Debug("inserted", zap.Int("rows", p.rows), zap.Int64("offset", p.span.start.offset), zap.Int64("end", p.end.offset))
	w.progress.inserted(p)
	p.span.batch.Reset()
}

// abandon waits for an insert whose outcome nobody asks for any more: its intent is committed, and the next owner
// makes sure of it.
func (w *Worker) abandon() {
	if w.pending != nil {
		<-w.pending.done.Done()
		w.pending = nil
	}
}
