package group_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/brokertest"
	"eventsync/consumer/internal/group"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

// deadline is how long a test waits for what must come.
const deadline = 90 * time.Second

// fakeBroker is one that allows short sessions.
func fakeBroker(t *testing.T) *brokertest.Broker {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Config{Settings: map[string]string{"group.min.session.timeout.ms": "100"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &brokertest.Broker{Addr: b.Addr(), Kind: brokertest.Fake, Fake: b}
}

// memberIDs are the names that the broker has given to the group's members.
func memberIDs(b *brokertest.Broker, id string) (ids []string) {
	if info := b.Fake.Cluster().GroupInfo(id); info != nil {
		for _, m := range info.Members {
			ids = append(ids, m.MemberID)
		}
	}
	return ids
}

// member is a running Group.
type member struct {
	*group.Group
	logs *observer.ObservedLogs
	stop context.CancelFunc
	done chan struct{} // closed when Run has returned
	err  error         // what it returned
}

type options struct {
	edit func(*group.Config)
	dial kafkaclient.DialFunc
}

// join runs a member until the test ends.
func join(t *testing.T, addr, id string, topics []string, o options, w group.Worker) *member {
	t.Helper()
	var opts []kafkaclient.Option
	if o.dial != nil {
		opts = append(opts, kafkaclient.WithDial(o.dial))
	}
	client, err := kafkaclient.New(config.Kafka{Brokers: []string{addr}}, "test", opts...)
	if err != nil {
		t.Fatal(err)
	}
	cfg := group.DefaultConfig()
	cfg.ID, cfg.Topics, cfg.SessionTimeout = id, topics, 6*time.Second
	cfg.FirstRetry, cfg.WatchInterval = 20*time.Millisecond, 50*time.Millisecond
	if o.edit != nil {
		o.edit(&cfg)
	}
	core, logs := observer.New(zapcore.InfoLevel)
	g, err := group.New(client, cfg, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := &member{Group: g, logs: logs, stop: cancel, done: make(chan struct{})}
	go func() {
		defer close(m.done)
		m.err = g.Run(ctx, w)
	}()
	t.Cleanup(func() {
		m.leave()
		client.Close()
		if t.Failed() {
			for _, e := range logs.All() {
				t.Log(e.Time.Format("05.000"), e.Level, e.Message, e.ContextMap())
			}
		}
		if !errors.Is(m.err, context.Canceled) {
			t.Errorf("Run ended with %v", m.err)
		}
	})
	return m
}

func (m *member) leave() {
	m.stop()
	<-m.done
}

func (m *member) logged(parts ...string) bool {
	for _, e := range m.logs.All() {
		line := e.Message
		for _, f := range e.Context {
			if f.Interface != nil {
				if err, ok := f.Interface.(error); ok {
					line += " " + err.Error()
				}
			}
			line += " " + f.Key + "=" + f.String
		}
		found := true
		for _, p := range parts {
			found = found && strings.Contains(line, p)
		}
		if found {
			return true
		}
	}
	return false
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(deadline)
	defer late.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-late.C:
			t.Fatalf("not within %v: %s", deadline, what)
		}
	}
}

// claims are those that workers have begun with.
type claims struct {
	mu   sync.Mutex
	all  []claim
	held map[string]map[group.Partition]int // by member: how many workers are running
}

type claim struct {
	member     string
	topic      string
	partition  int
	offset     int64
	metadata   string
	generation int
}

// hold notes the claim, and runs until the generation ends.
func (c *claims) hold(name string) group.Worker {
	return func(ctx context.Context, cl *group.Claim) error {
		c.begin(name, cl)
		defer c.end(name, cl)
		<-ctx.Done()
		return ctx.Err()
	}
}

func (c *claims) begin(name string, cl *group.Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, claim{name, cl.Topic, cl.Partition, cl.Offset, cl.Metadata, cl.Generation})
	if c.held == nil {
		c.held = map[string]map[group.Partition]int{}
	}
	if c.held[name] == nil {
		c.held[name] = map[group.Partition]int{}
	}
	c.held[name][group.Partition{Topic: cl.Topic, ID: cl.Partition}]++
}

func (c *claims) end(name string, cl *group.Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := group.Partition{Topic: cl.Topic, ID: cl.Partition}
	if c.held[name][p]--; c.held[name][p] == 0 {
		delete(c.held[name], p)
	}
}

// holds is how many partitions a member has now.
func (c *claims) holds(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.held[name])
}

func (c *claims) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.all)
}

func (c *claims) last() claim {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) == 0 {
		return claim{}
	}
	return c.all[len(c.all)-1]
}
