package whole

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// trouble does one thing to the members, or none.
func (w *world) trouble(ctx context.Context) error {
	m := w.members[w.dice.intn(len(w.members))]
	switch what := w.dice.intn(16); {
	case what < 3 && w.can.kills:
		m.kill()
		w.remove(m)
		_, err := w.join(ctx)
		return err
	case what == 3: // a stop, or another member
		if len(w.members) > 2 {
			w.say("%s is stopped", m.name)
			m.stop()
			w.remove(m)
			return nil
		}
		_, err := w.join(ctx)
		return err
	case what < 6 && w.can.freezes:
		w.freeze(m, session/2+w.dice.upTo(session/2+landing))
	case what == 6:
		w.mu.Lock()
		w.away = time.Now().Add(w.dice.upTo(time.Minute))
		w.mu.Unlock()
		w.say("the server is away")
	case what < 9 && w.can.overflow:
		w.overflow()
	case what < 11 && w.can.gate:
		w.open.Store(what == 9)
		w.say("the gate is open: %v", what == 9)
	case what < 14 && w.can.brokers:
		w.move(what)
	}
	return nil
}

// freeze has a member do nothing for a while: not longer than an insert can be on its way, which is what one is that was
// about to be sent.
func (w *world) freeze(m *member, d time.Duration) {
	w.say("%s freezes for %v", m.name, d)
	wake := m.net.stall()
	w.late.Go(func() {
		<-time.After(d)
		w.say("%s wakes up", m.name)
		wake()
	})
	w.late.Go(func() { <-m.done; wake() })
}

// move has the brokers do what they do to their clients.
func (w *world) move(what int) {
	switch what {
	case 11:
		w.say("leaders move")
		w.cluster.ShufflePartitionLeaders()
	case 12:
		w.say("coordinators move")
		w.cluster.RehashCoordinators()
	default:
		errs := []*kerr.Error{kerr.RequestTimedOut, kerr.NotCoordinator, kerr.RebalanceInProgress, kerr.IllegalGeneration, kerr.CoordinatorLoadInProgress, kerr.UnknownServerError}
		err := errs[w.dice.intn(len(errs))]
		w.say("the next commit is answered with %s", err.Message)
		w.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Group: groupID, Err: err})
	}
}

func (w *world) remove(m *member) {
	for i, o := range w.members {
		if o == m {
			w.members = append(w.members[:i:i], w.members[i+1:]...)
			return
		}
	}
}

// Open and Wait are the gate.
func (w *world) Open() bool { return w.open.Load() }

// Wait implements partition.Gate.
func (w *world) Wait(ctx context.Context) error {
	for !w.open.Load() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return nil
}
