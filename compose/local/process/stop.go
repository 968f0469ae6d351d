package process

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// killBound is how long the kernel may take to end what got SIGKILL. Only a process stuck in the kernel, on a dead
// network disk say, takes longer.
const killBound = 10 * time.Second

// ErrKilled is what the error of Stop wraps when the child did not end by itself.
var ErrKilled = errors.New("had to be killed")

// Stop asks the child to end, as Config says, and kills it and its descendants if it does not, or once ctx is done. It
// returns when the child is gone: with nil if it ended when asked, or had ended before.
func (p *Process) Stop(ctx context.Context) error {
	if p.stdin != nil {
		p.closeStdin()
		if p.await(ctx, p.cfg.Grace) {
			return nil
		}
	}
	for _, sig := range p.cfg.StopSignals {
		if err := p.Signal(sig); err != nil {
			return err
		}
		if p.await(ctx, p.cfg.Grace) {
			return nil
		}
	}
	if err := p.Kill(); err != nil {
		return err
	}
	err := fmt.Errorf("%s (pid %d) %w: it did not end within %s of being asked", p.cfg.Name, p.Pid(), ErrKilled, p.cfg.Grace)
	if ctx.Err() != nil {
		err = fmt.Errorf("%s (pid %d) %w: it did not end before the time to stop it was over: %w", p.cfg.Name, p.Pid(), ErrKilled, context.Cause(ctx))
	}
	return fmt.Errorf("%w%s", err, p.tail.quote())
}

// await reports whether the child ended before the grace or the context did.
func (p *Process) await(ctx context.Context, grace time.Duration) bool {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	select { // both may have been ready: a child that did end is not to be called killed
	case <-p.done:
		return true
	default:
		return false
	}
}

// Kill ends the child and all its descendants with SIGKILL, and returns when they are gone.
func (p *Process) Kill() error {
	var left []member
	select {
	case <-p.done: // its pid may already be another process's
	default:
		left = killTree(p.Pid())
	}
	timer := time.NewTimer(killBound)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		return fmt.Errorf("%s (pid %d) is still there %s after SIGKILL: it hangs in the kernel", p.cfg.Name, p.Pid(), killBound)
	}
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for _, m := range left {
		for m.alive() {
			select {
			case <-poll.C:
			case <-timer.C:
				return fmt.Errorf("%s: its child %d is still there %s after SIGKILL: it hangs in the kernel", p.cfg.Name, m.pid, killBound)
			}
		}
	}
	return nil
}
