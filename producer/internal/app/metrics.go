package app

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/replication"
)

// collector tells what the parts count, when it is asked. Labels have the values of the configuration, and no others.
type collector struct {
	parts *parts
	cfg   *config.Config
}

// Describe gives all metrics.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range descriptions() {
		to <- d
	}
}

// Collect reads the parts.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	out := sample{to}
	c.source(out)
	c.slot(out)
	c.published(out)
	c.snapshots(out)
	c.lookups(out)
}

// phases are the values of a label.
var phases = map[replication.Phase]string{
	replication.Preparing: "preparing", replication.StandingBy: "standby", replication.Copying: "snapshot", replication.Streaming: "streaming",
}

func (c *collector) source(out sample) {
	now := c.parts.replicator.Standing().Phase
	for phase, name := range phases {
		out.gauge(phaseDesc, truth(phase == now), name)
	}
	bad := leftOut(c.parts.replicator)
	for _, t := range replication.Configure(c.cfg).Tables { // those that are watched among them
		out.gauge(leftOutDesc, truth(slices.Contains(bad, t.Name)), t.Name.String())
	}
	if lag, ok := c.parts.lag(time.Now()); ok {
		out.gauge(lagDesc, lag.Seconds())
	}
	out.counter(transactionsDesc, float64(c.parts.intake.transactions.Load()))
}

// walStatuses are those that PostgreSQL has.
var walStatuses = []string{"reserved", "extended", "unreserved", "lost"}

func (c *collector) slot(out sample) {
	out.gauge(retainedAlarmDesc, float64(c.cfg.Producer.RetainedWAL))
	s, ok := c.parts.replicator.Slot()
	if !ok {
		return
	}
	out.gauge(retainedDesc, float64(s.Retained))
	out.gauge(unconfirmedDesc, float64(s.Lag))
	if s.Safe >= 0 {
		out.gauge(safeDesc, float64(s.Safe))
	}
	for _, status := range walStatuses {
		out.gauge(walStatusDesc, truth(s.WALStatus == status), status)
	}
	out.gauge(slotActiveDesc, truth(s.ActivePID != 0))
}

func (c *collector) published(out sample) {
	s := c.parts.publisher.Stats()
	out.counter(confirmedDesc, float64(s.Confirmed))
	if !s.Newest.IsZero() {
		out.gauge(newestDesc, float64(s.Newest.UnixMicro())/1e6)
	}
	out.counter(recordsDesc, float64(s.Records))
	out.counter(retriesDesc, float64(s.Retries))
	out.counter(deadLettersDesc, float64(s.DeadLetters))
	for _, t := range s.Tables {
		for op, n := range t.Changes {
			if op > 0 {
				out.counter(changesDesc, float64(n), t.Table, change.Op(op).String())
			}
		}
	}
}

func (c *collector) snapshots(out sample) {
	for _, p := range c.parts.snapshotter.Progress() {
		table := p.Table.String()
		out.gauge(snapshotRowsDesc, float64(p.Rows), table)
		out.gauge(snapshotChunksDesc, float64(p.Chunks), table)
		out.gauge(snapshotChunksDoneDesc, float64(p.ChunksDone), table)
		out.gauge(snapshotRatioDesc, p.Percent/100, table)
		out.gauge(snapshotLeftDesc, p.Left.Seconds(), table)
	}
}

func (c *collector) lookups(out sample) {
	for _, s := range c.parts.lookup.Stats() {
		out.counter(lookupHitsDesc, float64(s.Hits), s.Table, s.Column)
		out.counter(lookupMissesDesc, float64(s.Misses), s.Table, s.Column)
		out.counter(lookupEvictionsDesc, float64(s.Evictions), s.Table, s.Column)
		out.summary(lookupQueryDesc, s.Queries, s.QueryTime.Seconds(), s.Table, s.Column)
	}
}

// sample is one gathering.
type sample struct{ to chan<- prometheus.Metric }

func (s sample) gauge(d *prometheus.Desc, v float64, labels ...string) {
	s.to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (s sample) counter(d *prometheus.Desc, v float64, labels ...string) {
	s.to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}

func (s sample) summary(d *prometheus.Desc, count uint64, sum float64, labels ...string) {
	s.to <- prometheus.MustNewConstSummary(d, count, sum, nil, labels...)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
