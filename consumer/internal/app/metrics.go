package app

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"eventsync/consumer/internal/partition"
)

// collector tells how things stand when it is asked. Labels have the values of the configuration, of partitions that this
// member has, and of lists in the help text; never an actor's.
type collector struct {
	seen *seen
	// tables are those of the configuration, and retention what it expects of their topics.
	tables    []string
	retention time.Duration
}

// Describe gives all metrics.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range descriptions() {
		to <- d
	}
}

// Collect asks the parts.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	out := sample{to}
	c.partitions(out)
	c.counted(out)
	c.member(out)
	c.gate(out)
	out.gauge(clickHouseUpDesc, truth(c.seen.lookout.clickhouse.up()))
	out.gauge(kafkaUpDesc, truth(c.seen.lookout.kafka.up()))
	if c.retention > 0 {
		out.gauge(retentionDesc, c.retention.Seconds())
	}
	out.counter(cursorsFailuresDesc, float64(c.seen.cursors.failures()))
}

func (c *collector) partitions(out sample) {
	now := time.Now()
	for _, s := range c.seen.claims.standings() {
		id := strconv.Itoa(s.ID)
		out.gauge(lagDesc, s.lag(now).Seconds(), s.table, id)
		if s.progress.Committed >= 0 {
			out.gauge(watermarkDesc, float64(s.progress.Committed), s.table, id)
			out.gauge(nextDesc, float64(s.progress.Next), s.table, id)
		}
		if end := s.end(); end >= 0 {
			out.gauge(endDesc, float64(end), s.table, id)
		}
		if !s.committed.IsZero() {
			out.gauge(commitTimeDesc, float64(s.committed.UnixMilli())/1e3, s.table, id)
		}
		out.gauge(pausedDesc, truth(s.progress.Held), s.table, id)
	}
	for _, s := range c.seen.stopped() {
		out.gauge(stoppedDesc, 1, c.seen.table(s.Topic), strconv.Itoa(s.ID), reasonOf(s.Err))
	}
}

// lag is that of the partition.
func (s *standing) lag(now time.Time) time.Duration {
	if oldest := s.waiting(); !oldest.IsZero() {
		return max(0, now.Sub(oldest))
	}
	return 0
}

func (c *collector) counted(out sample) {
	all := c.seen.claims.counts()
	for _, table := range c.tables {
		n := all[table]
		out.counter(rowsDesc, float64(n.rows), table)
		out.counter(insertsDesc, float64(n.inserts), table)
		out.counter(commitsDesc, float64(n.commits), table)
		out.counter(retriesDesc, float64(n.retries), table)
		out.counter(recoveriesDesc, float64(n.recoveries), table, "whole")
		out.counter(recoveriesDesc, float64(n.redone), table, "pieces")
		out.counter(repeatsDesc, float64(n.repeats), table)
		out.counter(lateDesc, float64(n.late), table)
		for _, code := range []string{partition.Undecodable, partition.RefusedValue, partition.RefusedByClickHouse} {
			out.counter(deadLettersDesc, float64(n.letters[code]), table, code)
		}
	}
}

func (c *collector) member(out sample) {
	m := c.seen.membership()
	out.gauge(joinedDesc, truth(m.Member != ""))
	out.gauge(generationDesc, float64(m.Generation))
	out.counter(joinsDesc, float64(m.Joined))
	out.gauge(partitionsDesc, float64(m.Partitions))
}

func (c *collector) gate(out sample) {
	v := c.seen.verdict()
	out.gauge(gateOpenDesc, truth(v.Pass))
	out.gauge(gateKnownDesc, truth(v.Known))
	out.gauge(gateErrorDesc, truth(v.Err != nil))
	out.gauge(gateGenerationDesc, float64(v.Generation))
}

// sample is one gathering.
type sample struct{ to chan<- prometheus.Metric }

func (s sample) gauge(d *prometheus.Desc, v float64, labels ...string) {
	s.to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (s sample) counter(d *prometheus.Desc, v float64, labels ...string) {
	s.to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
