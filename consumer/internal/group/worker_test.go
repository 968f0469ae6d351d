package group_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/consumer/internal/group"
)

func TestAFailingWorkerIsTriedAgainAndLeavesTheOthersAlone(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic := b.Topic(t, 3, nil)
		var c claims
		var mended atomic.Bool
		broken := errors.New("the table is not there")
		hold := c.hold("a")
		m := join(t, b.Addr, b.Group(t), []string{topic}, options{}, func(ctx context.Context, cl *group.Claim) error {
			if cl.Partition == 1 && !mended.Load() {
				return broken
			}
			return hold(ctx, cl)
		})
		eventually(t, "a stopped partition beside two that run", func() bool { return len(m.Stopped()) == 1 && c.holds("a") == 2 })
		if s := m.Stopped()[0]; s.Topic != topic || s.ID != 1 || !errors.Is(s.Err, broken) || s.RetryAt.IsZero() {
			t.Errorf("stopped: %+v", s)
		}
		if !m.logged("partition stopped", broken.Error(), "topic="+topic) {
			t.Error("the log does not tell")
		}
		mended.Store(true)
		eventually(t, "all partitions", func() bool { return c.holds("a") == 3 && len(m.Stopped()) == 0 })
		for _, cl := range c.all {
			if cl.generation != c.all[0].generation {
				t.Errorf("there were generations: %+v", c.all)
			}
		}
	})
}

func TestAWorkerThatHasMadeRoomForItselfStartsAgainAtOnce(t *testing.T) {
	b := fakeBroker(t)
	topic := b.Topic(t, 1, nil)
	var c claims
	var attempts atomic.Int32
	hold := c.hold("a")
	m := join(t, b.Addr, "g", []string{topic}, options{edit: func(c *group.Config) { c.FirstRetry, c.LastRetry = time.Hour, time.Hour }}, func(ctx context.Context, cl *group.Claim) error {
		if attempts.Add(1) < 3 {
			return fmt.Errorf("the target was altered: %w", group.ErrRestart)
		}
		return hold(ctx, cl)
	})
	eventually(t, "the third attempt", func() bool { return c.holds("a") == 1 })
	if m.logged("partition stopped") || len(m.Stopped()) > 0 {
		t.Error("the partition was stopped for it")
	}
}

func TestAWorkerThatIsDoneStaysDone(t *testing.T) {
	b := fakeBroker(t)
	topic := b.Topic(t, 2, nil)
	var c claims
	m := join(t, b.Addr, "g", []string{topic}, options{}, func(_ context.Context, cl *group.Claim) error {
		c.begin("a", cl)
		return nil
	})
	heartbeats := b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Heartbeat}, Group: "g", Observe: true, Count: -1})
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	if err := heartbeats.Wait(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if c.count() != 2 || len(m.Stopped()) != 0 {
		t.Errorf("%d claims, stopped: %v", c.count(), m.Stopped())
	}
}

func TestAWorkerThatDoesNotStopIsLeftBehindAndFenced(t *testing.T) {
	b := fakeBroker(t)
	topic := b.Topic(t, 1, nil)
	b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Topic: topic, Err: kerr.IllegalGeneration})
	var c claims
	release := make(chan struct{})
	late := make(chan error, 1)
	before := make(chan []string, 1)
	m := join(t, b.Addr, "g", []string{topic}, options{edit: func(c *group.Config) { c.StopTimeout = 50 * time.Millisecond }},
		once(&c, func(ctx context.Context, cl *group.Claim) error {
			before <- memberIDs(b, "g")
			_ = cl.Commit(ctx, 1, "") // refused: the generation ends, and this worker does not care
			<-release
			err := cl.Commit(context.Background(), 99, "late")
			late <- err
			return err
		}))
	eventually(t, "the next generation", func() bool { return c.count() == 2 })
	checkAnother(t, <-before, memberIDs(b, "g"))
	close(release)
	if err := <-late; !errors.Is(err, group.ErrFenced) {
		t.Errorf("a commit from behind: %v", err)
	}
	if !m.logged("did not stop in time") {
		t.Error("the log does not tell")
	}
	if got := b.Fake.Cluster().GroupInfo("g").Commits[topic][0]; got.Offset == 99 {
		t.Errorf("committed: %+v", got)
	}
}

func TestACoordinatorThatIsNotReadyIsWaitedFor(t *testing.T) {
	b := fakeBroker(t)
	topic := b.Topic(t, 1, nil)
	for _, e := range []*kerr.Error{kerr.CoordinatorNotAvailable, kerr.NotCoordinator, kerr.CoordinatorLoadInProgress} {
		for _, k := range []kmsg.Key{kmsg.FindCoordinator, kmsg.JoinGroup, kmsg.OffsetFetch} {
			b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{k}, Group: "g", Err: e, TopLevel: k != kmsg.FindCoordinator})
		}
	}
	var c claims
	m := join(t, b.Addr, "g", []string{topic}, options{}, c.hold("a"))
	eventually(t, "the partition", func() bool { return c.holds("a") == 1 })
	if m.logged("partition stopped") {
		t.Error("the partition was stopped for it")
	}
}
