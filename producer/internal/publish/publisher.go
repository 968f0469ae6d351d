package publish

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// Publisher writes changes to Kafka. Its methods may be called from any goroutine; the order of changes is that of the
// calls. Run must be running.
type Publisher struct {
	client     *kafkaclient.Client
	cfg        *config.Config
	routes     Routes
	compressor *recordbatch.Compressor
	log        *zap.Logger
	counters   counters
	latency    Observer
	batchBytes Observer
	confirmed  atomic.Uint64 // a change.LSN
	lookEvery  time.Duration
	patience   time.Duration

	opening sync.Mutex // held while a topic is opened; before mu

	mu      sync.Mutex
	format  format
	key     []byte
	records []recordbatch.ProducerRecord
	free    builders

	topics       []*topic
	byRelation   map[*change.Relation]*topic
	lastRelation *change.Relation
	lastTopic    *topic
	letters      *deadLetters // nil until there is one

	filling  *round
	inFlight *round
	sealed   time.Time // when the round before was taken to be sent
	done     uint64    // the number of the last round acknowledged
	newest   time.Time // when the newest change acknowledged was committed
	flush    uint64    // the number of the last round that somebody waits for
	err      error     // the failure, for ever

	changed chan struct{} // closed, and made anew, when something that a caller may wait for has changed
	wake    chan struct{} // holds one: Run has something to look at
}

// New makes a Publisher, which remembers in routes how it spreads changes.
func New(client *kafkaclient.Client, cfg *config.Config, routes Routes, log *zap.Logger) (*Publisher, error) {
	c, err := recordbatch.NewCompressor(cfg.Producer.Compression)
	if err != nil {
		return nil, fmt.Errorf("producer.compression: %w", err)
	}
	f, err := newFormat(cfg)
	if err != nil {
		return nil, err
	}
	return &Publisher{
		client: client, cfg: cfg, routes: routes, compressor: c, log: log, format: f,
		latency: ignored{}, batchBytes: ignored{},
		lookEvery: lookEvery, patience: patience,
		byRelation: map[*change.Relation]*topic{},
		filling:    &round{number: 1},
		changed:    make(chan struct{}),
		wake:       make(chan struct{}, 1),
	}, nil
}

// Publish takes changes, of which it keeps nothing, and waits while too much is on its way to Kafka. An error is for
// ever, since a change that was not taken would be missing before later ones; but for the end of ctx while only rows of
// a snapshot were given, which come again.
func (p *Publisher) Publish(ctx context.Context, changes []change.Change) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range changes {
		if err := p.publish(ctx, changes, i); err != nil {
			if changes[i].Position.IsZero() && ctx.Err() != nil {
				return err
			}
			return p.fail(err)
		}
	}
	return p.err
}

func (p *Publisher) publish(ctx context.Context, changes []change.Change, i int) error {
	c := &changes[i]
	t, err := p.topicOf(ctx, c.Relation)
	if err != nil {
		return err
	}
	if err := p.awaitRoom(ctx, t); err != nil {
		return err
	}
	n := t.routes.spread(c)
	if c.Op == change.Truncate {
		for _, part := range t.partitions[:n] {
			if err := p.add(ctx, part, changes, i, nil); err != nil {
				return err
			}
		}
	} else {
		var key []byte
		if p.key = p.format.Key(p.key[:0], c); len(p.key) > 0 {
			key = p.key
		}
		if err := p.add(ctx, t.partitions[route(c, key, n)], changes, i, key); err != nil {
			return err
		}
	}
	t.counts[c.Op]++
	if p.filling.oldest == 0 && !c.Position.IsZero() {
		p.filling.oldest = c.CommitTime
	}
	return nil
}

// add encodes changes[i] into the round, as messages of the partition, or as a dead letter.
func (p *Publisher) add(ctx context.Context, part *partition, changes []change.Change, i int, key []byte) error {
	c := &changes[i]
	previous := part.last
	if c.Position.IsZero() {
		previous = change.Position{} // a snapshot row stands outside the order
	}
	p.records = p.format.Records(p.records[:0], changes, i, key, previous)
	size := 0
	for k := range p.records {
		size = sizeOf(&p.records[k])
		if tooLarge := p.checkSize(part, c, &p.records[k], size); tooLarge != nil {
			if p.cfg.Producer.Oversize == "stop" {
				return tooLarge
			}
			return p.bury(ctx, c, tooLarge)
		}
	}
	if !c.Position.IsZero() {
		part.last = c.Position
		part.topic.last = max(part.topic.last, c.Position.Commit&change.MaxLSN)
	}
	p.filling.commitTime = max(p.filling.commitTime, c.CommitTime)
	if len(p.records) == 1 { // as nearly always
		p.put(part, c.CommitTime, &p.records[0], size)
		return nil
	}
	for k := range p.records {
		p.put(part, c.CommitTime, &p.records[k], sizeOf(&p.records[k]))
	}
	return nil
}

// put adds a message to the round.
func (p *Publisher) put(part *partition, commitTime int64, record *recordbatch.ProducerRecord, size int) {
	r := p.filling
	if len(part.filling) == 0 {
		r.partitions = append(r.partitions, part)
	}
	const microsecondsPerMillisecond = 1000
	r.bytes += part.append(&p.free, commitTime/microsecondsPerMillisecond, record, size)
	if r.first.IsZero() {
		r.first = time.Now()
		p.poke()
	} else if r.bytes >= roundSize {
		p.poke()
	}
}

// awaitRoom returns when the round being filled is not full, and the topic not held, with the mutex held.
func (p *Publisher) awaitRoom(ctx context.Context, t *topic) error {
	for p.err == nil && (t.held || p.filling.bytes >= roundSize) {
		if err := p.await(ctx); err != nil {
			return err
		}
	}
	return p.err
}

// await gives the mutex up until something has changed.
func (p *Publisher) await(ctx context.Context) error {
	changed := p.changed
	p.mu.Unlock()
	defer p.mu.Lock()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-changed:
		return nil
	}
}
