package group_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/process"
	"eventsync/consumer/internal/group"
)

func TestTopicsAndPartitionsThatComeLater(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		here, later := b.Topic(t, 1, nil), brokertest.Name(t)
		var c claims
		m := join(t, b.Addr, b.Group(t), []string{here, later}, options{}, c.hold("a"))
		eventually(t, "the topic that is there", func() bool { return c.holds("a") == 1 })
		if !m.logged("do not exist yet", later) {
			t.Error("the log does not tell that a topic is missing")
		}
		b.CreateTopic(t, later, 3, nil)
		eventually(t, "the topic that came later", func() bool { return c.holds("a") == 4 })
		addPartitions(t, b, here, 5)
		eventually(t, "the partitions that came later", func() bool { return c.holds("a") == 8 })
	})
}

func TestNoTopicYet(t *testing.T) {
	b := fakeBroker(t)
	const topic = "later"
	var c claims
	m := join(t, b.Addr, "g", []string{topic}, options{}, c.hold("a"))
	eventually(t, "a line in the log", func() bool { return m.logged("do not exist yet", topic) })
	b.CreateTopic(t, topic, 2, nil)
	eventually(t, "its partitions", func() bool { return c.holds("a") == 2 })
}

func TestBrokerOutOfReach(t *testing.T) {
	port, err := process.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	addr := net.JoinHostPort("127.0.0.1", itoa(port))
	var c claims
	m := join(t, addr, "g", []string{"events"}, options{}, c.hold("a"))
	eventually(t, "a line in the log", func() bool { return m.logged(addr, "connection refused") })
}

func TestABrokerThatGoesAndComesBack(t *testing.T) {
	b := fakeBroker(t)
	topic := b.Topic(t, 2, nil)
	var c claims
	m := join(t, b.Addr, "g", []string{topic}, options{edit: func(c *group.Config) { c.SessionTimeout = time.Second }}, c.hold("a"))
	eventually(t, "the partitions", func() bool { return c.holds("a") == 2 })
	b.Fake.Disconnect()
	eventually(t, "the partitions again", func() bool { return c.count() >= 4 && c.holds("a") == 2 })
	if err := b.Fake.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a line in the log", func() bool { return m.logged(b.Addr, "cannot") })
	if err := b.Fake.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.CreateTopic(t, topic, 2, nil) // it kept nothing
	n := c.count()
	eventually(t, "the partitions after the restart", func() bool { return c.count() > n && c.holds("a") == 2 })
}

func TestLeavingHandsOverAtOnce(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic, id := b.Topic(t, 4, nil), b.Group(t)
		// Longer than the test waits: whoever gets a partition gets it because it was left.
		long := options{edit: func(c *group.Config) { c.SessionTimeout = 5 * time.Minute; c.StopTimeout = time.Second }}
		if b.Kind == brokertest.Kafka {
			long.edit = nil // heartbeats, a tenth of the session, are how a member learns of a rebalance
		}
		var c claims
		first := join(t, b.Addr, id, []string{topic}, long, c.hold("first"))
		eventually(t, "all partitions at the first", func() bool { return c.holds("first") == 4 })
		first.leave()
		join(t, b.Addr, id, []string{topic}, long, c.hold("second"))
		eventually(t, "all partitions at the second", func() bool { return c.holds("second") == 4 })
	})
}

// wire is a network that can be pulled out.
type wire struct {
	mu    sync.Mutex
	conns []net.Conn
	out   bool
}

func (w *wire) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && w.out {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	w.conns = append(w.conns, c)
	return c, err
}

func (w *wire) pull() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = true
	for _, c := range w.conns {
		_ = c.Close()
	}
}

func TestAMemberThatDiesIsReplacedAfterTheSessionTimeout(t *testing.T) {
	b := fakeBroker(t)
	topic := b.Topic(t, 4, nil)
	const session = time.Second
	short := options{edit: func(c *group.Config) { c.SessionTimeout = session }}
	dying := short
	var w wire
	dying.dial = w.dial
	var c claims
	join(t, b.Addr, "g", []string{topic}, dying, c.hold("dying"))
	eventually(t, "all partitions at the first", func() bool { return c.holds("dying") == 4 })
	join(t, b.Addr, "g", []string{topic}, short, c.hold("heir"))
	eventually(t, "two partitions each", func() bool { return c.holds("dying") == 2 && c.holds("heir") == 2 })
	died := time.Now()
	w.pull()
	eventually(t, "all partitions at the heir", func() bool { return c.holds("heir") == 4 })
	t.Logf("taken over %v after the end, with a session timeout of %v", time.Since(died).Round(time.Millisecond), session)
}
