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
	m := w.members[w.dice.Intn(len(w.members))]
	switch what := w.dice.Intn(16); {
	case what < 3 && w.can.kills:
		m.kill()
		w.remove(m)
		_, err := w.join(ctx)
		return err
	case what == 3: // a stop, or another member
		if len(w.members) > 2 {
			w.Say("%s is stopped", m.name)
			m.stop()
			w.remove(m)
			return nil
		}
		_, err := w.join(ctx)
		return err
	case what < 6 && w.can.freezes:
		w.freeze(m, session/2+w.dice.UpTo(session/2+landing))
	case what == 6:
		w.mu.Lock()
		w.away = time.Now().Add(w.dice.UpTo(time.Minute))
		w.mu.Unlock()
		w.Say("the server is away")
	case what < 9 && w.can.overflow:
		w.overflow()
	case what < 11 && w.can.gate:
		w.Set(what == 9)
		w.Say("the gate is open: %v", what == 9)
	case what < 14 && w.can.brokers:
		w.move(what)
	}
	return nil
}

// freeze has a member do nothing for a while: not longer than an insert can be on its way, which is what one is that was
// about to be sent.
func (w *world) freeze(m *member, d time.Duration) {
	w.Say("%s freezes for %v", m.name, d)
	wake := m.net.stall()
	w.late.Go(func() {
		<-time.After(d)
		w.Say("%s wakes up", m.name)
		wake()
	})
	w.late.Go(func() { <-m.done; wake() })
}

// move has the brokers do what they do to their clients.
func (w *world) move(what int) {
	switch what {
	case 11:
		w.Say("leaders move")
		w.cluster.ShufflePartitionLeaders()
	case 12:
		w.Say("coordinators move")
		w.cluster.RehashCoordinators()
	default:
		errs := []*kerr.Error{kerr.RequestTimedOut, kerr.NotCoordinator, kerr.RebalanceInProgress, kerr.IllegalGeneration, kerr.CoordinatorLoadInProgress, kerr.UnknownServerError}
		err := errs[w.dice.Intn(len(errs))]
		w.Say("the next commit is answered with %s", err.Message)
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
