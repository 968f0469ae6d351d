package snapshot

import (
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// logEvery is how often a table under way is told of.
const logEvery = 10 * time.Second

// progress logs how far a table has come. Its methods may be called from any goroutine.
type progress struct {
	log    *zap.Logger
	began  time.Time
	ranges int64
	behind atomic.Int64 // ranges that are done
	total  atomic.Int64 // rows
	told   atomic.Int64 // when the log was last written, in nanoseconds since began
}

func newProgress(log *zap.Logger, ranges int) *progress {
	log.Info("snapshot begins", zap.Int("ranges", ranges))
	return &progress{log: log, began: time.Now(), ranges: int64(ranges)}
}

func (p *progress) rows(n int) {
	p.total.Add(int64(n))
	now := int64(time.Since(p.began))
	if last := p.told.Load(); now-last > int64(logEvery) && p.told.CompareAndSwap(last, now) {
		p.say("snapshot under way")
	}
}

func (p *progress) done() { p.behind.Add(1) }

func (p *progress) end() { p.say("snapshot done") }

func (p *progress) say(what string) {
	rows := p.total.Load()
	p.log.Info(what, zap.Int64("rows", rows), zap.Int64("percent", 100*p.behind.Load()/p.ranges),
		zap.Float64("rows_per_second", float64(rows)/time.Since(p.began).Seconds()))
}
