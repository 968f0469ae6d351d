package snapshot

import (
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

const reportEvery = 10 * time.Second

// meterings are how far a table's snapshot has come.
type meterings struct {
	began     time.Time
	rowsDone  atomic.Int64
	pagesDone atomic.Int64
}

// log says how far a table's snapshot has come.
func (t *table) log(log *zap.Logger, message string) {
	rows, elapsed := t.rowsDone.Load(), time.Since(t.began)
	log.Info(message, zap.Stringer("table", t.Name), zap.Int64("rows", rows), zap.Int64("percent", t.percent()),
		zap.Duration("elapsed", elapsed), zap.Float64("rows_per_second", float64(rows)/elapsed.Seconds()))
}

// percent goes by pages, and for a partitioned table, which has none of its own, by whether it is done.
func (t *table) percent() int64 {
	if t.left.Load() == 0 || t.pages > 0 && t.pagesDone.Load() >= t.pages {
		return 100
	}
	if t.pages == 0 {
		return 0
	}
	return 100 * t.pagesDone.Load() / t.pages
}

// meter reports, every now and then, on the tables that are being read.
type meter struct{ quit, ended chan struct{} }

func startMeter(log *zap.Logger, tables []*table) *meter {
	m := &meter{make(chan struct{}), make(chan struct{})}
	go func() {
		defer close(m.ended)
		ticker := time.NewTicker(reportEvery)
		defer ticker.Stop()
		for {
			select {
			case <-m.quit:
				return
			case <-ticker.C:
			}
			for _, t := range tables {
				if t.rowsDone.Load() > 0 && t.left.Load() > 0 {
					t.log(log, "reading the snapshot of a table")
				}
			}
		}
	}()
	return m
}

func (m *meter) stop() {
	close(m.quit)
	<-m.ended
}
