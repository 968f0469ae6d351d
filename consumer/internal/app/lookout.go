package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/status"
	"eventsync/pkg/kafkaclient"
)

const (
	// lookInterval is how often the lookout looks.
	lookInterval = 2 * time.Second
	// peekTimeout bounds a look at one message.
	peekTimeout = 2 * time.Second
)

// lookout finds out what workers do not tell: whether Kafka and ClickHouse answer, and what waits in partitions that are
// not read, since the gate is closed or since they have stopped.
type lookout struct {
	client   *kafkaclient.Client
	topics   []string
	ping     func(context.Context) error // ClickHouse
	peek     status.Peek
	claims   *claims
	interval time.Duration

	kafka, clickhouse answers

	mu     sync.Mutex
	exists map[string]int // partitions of the topics that are there
}

// answers are those of a server.
type answers struct {
	mu    sync.Mutex
	asked bool
	err   error     // of the last question
	since time.Time // when the first of the questions was asked that have had no answer since
}

func (a *answers) note(asked time.Time, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil && a.err == nil {
		a.since = asked
	}
	a.asked, a.err = true, err
}

// trouble is the last question's error, and since when there is one.
func (a *answers) trouble() (err error, since time.Time) { //nolint:revive,staticcheck // it is what is told, not what went wrong
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err, a.since
}

// up reports whether the last question had an answer.
func (a *answers) up() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked && a.err == nil
}

// run looks until ctx ends.
func (l *lookout) run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { l.every(ctx, &l.clickhouse, l.ping) })
	both.Go(func() { l.every(ctx, &l.kafka, l.look) })
	both.Wait()
}

func (l *lookout) every(ctx context.Context, of *answers, ask func(context.Context) error) {
	tick := time.NewTicker(l.interval)
	defer tick.Stop()
	for {
		asked := time.Now()
		asking, cancel := context.WithTimeout(ctx, answerTimeout)
		err := ask(asking)
		cancel()
		if ctx.Err() != nil {
			return
		}
		of.note(asked, err)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look asks for the topics and their ends. Its error is Kafka's.
func (l *lookout) look(ctx context.Context) error {
	exists, ends := map[string]int{}, map[group.Partition]int64{}
	for _, topic := range l.topics {
		n, err := l.client.Partitions(ctx, topic)
		if errors.Is(err, kafkaclient.ErrNoTopic) {
			continue
		}
		if err != nil {
			return err
		}
		exists[topic] = n
		last, err := l.client.Ends(ctx, topic, n)
		if err != nil {
			return err
		}
		for i, end := range last {
			ends[group.Partition{Topic: topic, ID: i}] = end
		}
	}
	l.mu.Lock()
	l.exists = exists
	l.mu.Unlock()
	for _, s := range l.claims.standings() {
		end, ok := ends[s.Partition]
		if !ok {
			end = -1
		}
		l.claims.noteOutlook(s.Partition, l.judge(ctx, &s, max(end, s.progress.End), time.Now()))
	}
	return nil
}

// judge makes the next outlook of a partition.
func (l *lookout) judge(ctx context.Context, s *standing, end int64, now time.Time) outlook {
	before := s.outlook
	next := outlook{end: end, at: s.progress.Committed, moved: before.moved, seen: s.progress}
	stands := before.at == next.at
	if stands {
		next.waiting = before.waiting
	}
	// A worker that runs tells by itself what it has read, but for what has come since.
	if s.progress.Oldest.IsZero() && end > next.at && next.waiting.IsZero() && (stands || !s.running || s.progress.Held) {
		next.waiting = l.oldest(ctx, s.Partition, next.at, end)
	}
	after := *s
	after.outlook = next
	if after.waiting().IsZero() || s.progress.Held || moved(&before.seen, &s.progress) {
		next.moved = now
	}
	return next
}

// moved reports whether a worker has done something between the two.
func moved(before, after *partition.Progress) bool {
	return before.Committed != after.Committed || before.Rows != after.Rows || before.Commits != after.Commits
}

// oldest is when the change at an offset was committed, zero where that cannot be learned now.
func (l *lookout) oldest(ctx context.Context, p group.Partition, offset, end int64) time.Time {
	ctx, cancel := context.WithTimeout(ctx, peekTimeout)
	defer cancel()
	record, ok, err := l.peek(ctx, p.Topic, p.ID, max(offset, 0), end)
	if err != nil || !ok {
		return time.Time{}
	}
	since, _ := status.CommittedAt(&record) // else the record's own time
	return since
}

// topicsExist reports whether some topic is there.
func (l *lookout) topicsExist() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.exists) > 0
}
