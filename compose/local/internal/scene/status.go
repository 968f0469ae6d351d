package scene

import (
	"context"
	"encoding/json"
	"os/exec"
	"sync/atomic"
	"time"

	"eventsync/compose/local/workload"
)

// Refresh is how often the status is reported.
const Refresh = 500 * time.Millisecond

// Report is what `consumer status --json` prints.
type Report struct {
	Partitions []Partition `json:"partitions"`
	number     int         // counted from 1
}

// Partition is one of a topic.
type Partition struct {
	Topic     string  `json:"topic"`
	Watermark int64   `json:"watermark"`
	Committed bool    `json:"committed"`
	End       int64   `json:"end"`
	Lag       float64 `json:"sync_lag_seconds"`
}

// Behind is how many offsets are between watermark and end.
func (r *Report) Behind() (n int64) {
	for _, p := range r.Partitions {
		n += p.End - p.Watermark
	}
	return n
}

// Report is the last one, empty before the first.
func (s *Scene) Report() *Report {
	if r := s.status.last.Load(); r != nil {
		return r
	}
	return &Report{}
}

// Arrived gives a function that reports whether every change committed in PostgreSQL before this call is in ClickHouse.
func (s *Scene) Arrived(ctx context.Context) (func(context.Context) (bool, error), error) {
	published, err := workload.Published(ctx, s.Postgres)
	if err != nil {
		return nil, err
	}
	after := 0 // the number of the last report that may have begun before the last change was in the topic
	return func(ctx context.Context) (bool, error) {
		if after == 0 {
			if done, err := published(ctx); err != nil || !done {
				return false, err
			}
			after = s.Report().number + 1
		}
		r := s.Report()
		return r.number > after && r.Behind() == 0, nil
	}, nil
}

// statusFeed is a running `consumer status`.
type statusFeed struct {
	cancel context.CancelFunc
	ended  chan struct{}
	last   atomic.Pointer[Report]
}

func watchStatus(ctx context.Context, consumer, config string) (*statusFeed, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, consumer, "status", "--json", "--every", Refresh.String(), "--config", config)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	s := &statusFeed{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for d, n := json.NewDecoder(out), 1; ; n++ {
			r := Report{number: n}
			if d.Decode(&r) != nil {
				break // it ends when it is told to, or dies with its reader
			}
			s.last.Store(&r)
		}
		_ = cmd.Wait()
	}()
	return s, nil
}

func (s *statusFeed) stop() {
	s.cancel()
	<-s.ended
}
