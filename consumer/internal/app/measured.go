package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"eventsync/consumer/internal/partition"
)

// distributions are those of inserts, by table.
type distributions struct {
	seconds, rows, bytes *prometheus.HistogramVec
}

func newDistributions() *distributions {
	return &distributions{
		seconds: prometheus.NewHistogramVec(insertSecondsOptions, ofTable),
		rows:    prometheus.NewHistogramVec(batchRowsOptions, ofTable),
		bytes:   prometheus.NewHistogramVec(batchBytesOptions, ofTable),
	}
}

// measured is a batch whose inserts are observed.
type measured struct {
	partition.Batch
	seconds, rows, bytes prometheus.Observer
}

func (d *distributions) measure(b partition.Batch, table string) partition.Batch {
	return &measured{b, d.seconds.WithLabelValues(table), d.rows.WithLabelValues(table), d.bytes.WithLabelValues(table)}
}

func (b *measured) Insert(ctx context.Context, token string) error {
	began := time.Now()
	if err := b.Batch.Insert(ctx, token); err != nil {
		return err
	}
	b.seconds.Observe(time.Since(began).Seconds())
	b.rows.Observe(float64(b.Rows()))
	b.bytes.Observe(float64(b.Bytes()))
	return nil
}
