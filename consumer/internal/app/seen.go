package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"eventsync/consumer/internal/gate"
	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
	"eventsync/pkg/telemetry"
)

// seen is what can be seen of a consumer that runs.
type seen struct {
	cfg      *config.Config
	tables   map[string]config.Table // by topic
	claims   *claims
	cursors  *cursors
	lookout  *lookout
	inserts  *distributions
	verdict  func() gate.Verdict
	patience time.Duration
	group    atomic.Pointer[group.Group] // nil until ClickHouse has answered
}

// see makes what is seen of the app.
func (a *app) see(patience time.Duration) *seen {
	s := &seen{
		cfg: a.cfg, tables: a.tables, claims: newClaims(), cursors: newCursors(a.writeCursors, a.log), inserts: newDistributions(),
		verdict: a.gate.Verdict, patience: patience,
	}
	s.lookout = &lookout{
		client: a.client, topics: topics(a.cfg), ping: a.sink.Ping, peek: peek(a.reader), claims: s.claims, interval: min(lookInterval, patience/4),
	}
	return s
}

// writeCursors writes them in the name of the group.
func (a *app) writeCursors(ctx context.Context, cursors []sink.Cursor) error {
	for i := range cursors {
		cursors[i].Group = a.cfg.Consumer.Group
	}
	return a.sink.WriteCursors(ctx, cursors)
}

// run looks out and writes cursors until it is stopped, which is when the workers have ended.
func (s *seen) run(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var both sync.WaitGroup
	both.Go(func() { s.lookout.run(ctx) })
	both.Go(func() { s.cursors.run(ctx) })
	return func() {
		cancel()
		both.Wait()
	}
}

// show serves what is seen. The Server is nil where none is configured.
func (s *seen) show(ctx context.Context, address string, log *zap.Logger) (*telemetry.Server, error) {
	registry := telemetry.NewRegistry()
	s.register(registry)
	return telemetry.Serve(ctx, address, registry, s.ready, log)
}

func (s *seen) register(registry prometheus.Registerer) {
	c := &collector{seen: s, retention: s.cfg.Kafka.Retention}
	for _, t := range s.cfg.Tables {
		c.tables = append(c.tables, t.Source)
	}
	registry.MustRegister(c, s.inserts.seconds, s.inserts.rows, s.inserts.bytes)
}

// ready gives the reason why nothing goes on, nil where something does, or where nothing has to. It does not wait.
func (s *seen) ready() error {
	v := view{
		now: time.Now(), started: s.group.Load() != nil, topics: s.lookout.topicsExist(), member: s.membership(), verdict: s.verdict(),
		stopped: s.stopped(), partitions: s.claims.standings(),
	}
	v.kafkaErr, v.kafkaSince = s.lookout.kafka.trouble()
	v.clickHouseErr, v.clickHouseSince = s.lookout.clickhouse.trouble()
	return v.problem(s.patience)
}

func (s *seen) membership() group.Membership {
	if g := s.group.Load(); g != nil {
		return g.Membership()
	}
	return group.Membership{}
}

func (s *seen) stopped() []group.Stopped {
	if g := s.group.Load(); g != nil {
		return g.Stopped()
	}
	return nil
}

// table is the name of the topic's table.
func (s *seen) table(topic string) string { return s.tables[topic].Source }
