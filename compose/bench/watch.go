package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/process"
)

// slowest is the rate, in rows per second, at which a run is given up.
const slowest = 2_000

// whileRunning gives a context that ends with the program, or when it is far too slow for that many rows, with the reason.
func whileRunning(ctx context.Context, p *process.Process, rows int) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	patience := time.NewTimer(time.Minute + time.Duration(rows)*time.Second/slowest)
	go func() {
		defer patience.Stop()
		select {
		case <-p.Done():
			cancel(fmt.Errorf("the program has ended by itself: %s", p.Tail()))
		case <-patience.C:
			cancel(fmt.Errorf("gave up waiting for the program, which said last: %s", p.Tail()))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// lookEvery is how exactly times are measured that are waited for by looking.
const lookEvery = 2 * time.Millisecond

// await looks until it is as wanted.
func await(ctx context.Context, wanted func() (bool, error)) error {
	for t := time.NewTicker(lookEvery); ; {
		if done, err := wanted(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-t.C:
		}
	}
}

// topicEnd is how many records the broker has acknowledged, in all partitions.
func topicEnd(cluster *kfake.Cluster, topic string) (end int64) {
	for _, p := range cluster.PartitionInfos(topic) {
		end += p.HighWatermark
	}
	return end
}

// awaitCommits waits until the group has committed so many rows, over all partitions, and says how many there are and when that was.
func awaitCommits(ctx context.Context, cluster *kfake.Cluster, group, topic string, rows int64) (committed int64, at time.Time, err error) {
	g, err := cluster.WaitGroupInfo(ctx, group, func(g *kfake.GroupInfo) bool { return committedRows(g, topic) >= rows })
	if err != nil {
		return 0, at, errors.Join(context.Cause(ctx), err)
	}
	for _, c := range g.Commits[topic] {
		if c.At.After(at) {
			at = c.At
		}
	}
	return committedRows(g, topic), at, nil
}

// committedRows is how many rows are before the committed offsets.
func committedRows(g *kfake.GroupInfo, topic string) (rows int64) {
	if g != nil {
		for _, c := range g.Commits[topic] {
			rows += c.Offset
		}
	}
	return rows
}

// fetchWatch tells when a topic is fetched.
type fetchWatch struct {
	mu    sync.Mutex
	first chan time.Time // nil: nobody asks
}

func watchFetches(cluster *kfake.Cluster, topic string) *fetchWatch {
	w := &fetchWatch{}
	cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if f, ok := r.(*kmsg.FetchRequest); ok && len(f.Topics) == 1 && f.Topics[0].Topic == topic {
			w.tell()
		}
		return nil, nil, false
	})
	return w
}

// next gets the time of the next fetch.
func (w *fetchWatch) next() <-chan time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.first = make(chan time.Time, 1)
	return w.first
}

func (w *fetchWatch) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first != nil {
		w.first <- time.Now()
		w.first = nil
	}
}
