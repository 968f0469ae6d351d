package replication

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

const (
	// raiseTimeout bounds what a status may wait for.
	raiseTimeout = time.Second
	// Without more than its own records behind the bound it is raised more and more rarely, so that an idle database
	// stays one.
	firstEcho = time.Second
	lastEcho  = 10 * time.Minute
)

// bound is how far the slot may be confirmed at most. It is remembered at the source before the slot is confirmed so
// far, so that a slot that stands past it was confirmed by somebody else: made again, or moved forward by hand. There is
// no telling from the slot itself. It belongs to one goroutine.
type bound struct {
	state *state.Store
	log   *zap.Logger

	at     change.LSN // the bound
	echo   change.LSN // up to here the log has our own record of it, and perhaps nothing else
	pause  time.Duration
	raised time.Time
	warned time.Time
}

// limit gives confirmed, or the bound if that is less and cannot be raised yet. At the end of ctx it is always tried.
func (b *bound) limit(ctx context.Context, confirmed change.LSN) change.LSN {
	if confirmed > b.at && b.due(confirmed, ctx.Err() != nil) {
		raising, cancel := context.WithTimeout(context.WithoutCancel(ctx), raiseTimeout)
		defer cancel()
		if err := b.raise(raising); err != nil {
			b.warn(err)
		}
	}
	return min(confirmed, b.at)
}

func (b *bound) warn(err error) {
	if time.Since(b.warned) >= alarmEvery {
		b.warned = time.Now()
		b.log.Warn("the slot is not confirmed further, and holds back log, until it can be written how far", zap.Stringer("bound", b.at), zap.Error(err))
	}
}

func (b *bound) due(confirmed change.LSN, last bool) bool {
	if confirmed > b.echo {
		b.pause = 0
		return true
	}
	if !last && time.Since(b.raised) < b.pause {
		return false
	}
	b.pause = min(max(2*b.pause, firstEcho), lastEcho)
	return true
}

func (b *bound) raise(ctx context.Context) error {
	at, echo, err := b.state.RaiseBound(ctx)
	if err != nil {
		return err
	}
	b.at, b.echo, b.raised = at, echo, time.Now()
	return nil
}

// verifyBound refuses a slot that was confirmed by somebody else. A slot that went over to a standby may be ahead of what
// the standby remembers.
func (r *Replicator) verifyBound(ctx context.Context, s *slot, o *origin) error {
	if s == nil || !o.known {
		return nil
	}
	at, err := r.state.Bound(ctx)
	if err != nil || at == 0 || s.confirmed <= at {
		return err
	}
	return &source.Refusal{
		Problem: fmt.Sprintf("the slot %s was made again, or moved forward by somebody: it stands at %v, and was confirmed to %v at most; what was changed in between is lost to it", r.cfg.Slot, s.confirmed, at),
		Fix:     r.snapshotAgain(),
	}
}
