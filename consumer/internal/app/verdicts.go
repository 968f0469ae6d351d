package app

import (
	"context"

	"eventsync/consumer/internal/gate"
)

// verdicts is the gate as a worker asks for it.
type verdicts struct {
	gate *gate.Gate
	// held is called when the gate is found closed.
	held func()
}

func (v verdicts) Open() bool { return v.gate.Verdict().Pass }

func (v verdicts) Wait(ctx context.Context) error {
	if !v.Open() {
		v.held()
	}
	for {
		changed := v.gate.Changed()
		if v.Open() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}
