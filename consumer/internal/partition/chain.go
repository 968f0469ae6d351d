package partition

import "eventsync/pkg/change"

// chain is the last position reached by an unbroken chain of messages: everything at or before it has been seen, in
// this partition. It is what tells a repeat (of a restarted producer, of a retried publish) from a change that is new.
type chain change.Position

// admit reports whether the change at position p, published after previous, is new, and moves the chain where it may.
// Snapshot rows, which have no position, stand outside.
func (l *chain) admit(p, previous change.Position) bool {
	last := change.Position(*l)
	switch {
	case p.IsZero():
		return true
	case p.Compare(last) <= 0:
		return false
	case previous.IsZero() || previous.Compare(last) <= 0:
		*l = chain(p)
		return true
	default: // the late write of a stopped producer: between last and p something may still come
		return true
	}
}
