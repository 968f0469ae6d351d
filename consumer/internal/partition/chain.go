package partition

import "eventsync/pkg/change"

// chain is the last position reached by an unbroken chain of messages: everything at or before it has been seen, in
// this partition. It is what tells a repeat (of a restarted producer, of a retried publish) from a change that is new.
type chain change.Position

// link is what a message is to the chain.
type link int

const (
	follows link = iota // new, and nothing is missing before it; or it stands outside, as snapshot rows do
	repeats             // seen before
	late                // new, the write of a producer that was stopped: between the chain and it something may still come
)

// admit says what the change at position p, published after previous, is to the chain, and moves the chain where it may.
func (l *chain) admit(p, previous change.Position) link {
	last := change.Position(*l)
	switch {
	case p.IsZero():
		return follows
	case p.Compare(last) <= 0:
		return repeats
	case previous.IsZero(), previous.Compare(last) <= 0,
		last.IsZero(): // the first that the group has of the partition: retention may have taken what was before
		*l = chain(p)
		return follows
	default:
		return late
	}
}
