package snapshot

import (
	"time"

	"go.uber.org/zap"
)

const reportEvery = 10 * time.Second

// meter logs, every now and then, how far the tables are that are being read.
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
				if t.underWay() {
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
