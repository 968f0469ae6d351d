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
	compressor *recordbatch.Compressor
	log        *zap.Logger
	counters   counters
	confirmed  atomic.Uint64 // a change.LSN

	mu      sync.Mutex
	format  format
	key     []byte
	records []recordbatch.ProducerRecord
	free    builders

	byRelation   map[*change.Relation]*topic
	byName       map[string]*topic
	lastRelation *change.Relation
	lastTopic    *topic

	filling  *round
	inFlight bool
	done     uint64 // the number of the last round acknowledged
	flush    uint64 // the number of the last round that somebody waits for
	err      error  // the failure, for ever

	changed chan struct{} // closed, and made anew, when something that a caller may wait for has changed
	wake    chan struct{} // holds one: Run has something to look at
}

// New makes a Publisher. Configured are the topics' prefix and partitions, the compression and the linger.
func New(client *kafkaclient.Client, cfg *config.Config, log *zap.Logger) (*Publisher, error) {
	c, err := recordbatch.NewCompressor(cfg.Producer.Compression)
	if err != nil {
		return nil, fmt.Errorf("producer.compression: %w", err)
	}
	f, err := newFormat(cfg)
	if err != nil {
		return nil, err
	}
	return &Publisher{
		client: client, cfg: cfg, compressor: c, log: log, format: f,
		byRelation: map[*change.Relation]*topic{},
		byName:     map[string]*topic{},
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
			return err
		}
	}
	return p.err
}

func (p *Publisher) publish(ctx context.Context, changes []change.Change, i int) error {
	c := &changes[i]
	t, err := p.topicOf(ctx, c.Relation)
	if err == nil {
		err = p.awaitRoom(ctx)
	}
	if err != nil {
		if c.Position.IsZero() && ctx.Err() != nil {
			return err
		}
		return p.fail(err)
	}
	if c.Op == change.Truncate {
		for _, part := range t.partitions {
			if err := p.add(part, changes, i, nil); err != nil {
				return p.fail(err)
			}
		}
		return nil
	}
	var key []byte
	if p.key = p.format.Key(p.key[:0], c); len(p.key) > 0 {
		key = p.key
	}
	if err := p.add(t.partitions[route(c, key, len(t.partitions))], changes, i, key); err != nil {
		return p.fail(err)
	}
	return nil
}

// add encodes changes[i] into the round.
func (p *Publisher) add(part *partition, changes []change.Change, i int, key []byte) error {
	c := &changes[i]
	previous := part.last
	if c.Position.IsZero() {
		previous = change.Position{} // a snapshot row stands outside the order
	}
	p.records = p.format.Records(p.records[:0], changes, i, key, previous)
	for k := range p.records {
		if err := p.checkSize(part, c, &p.records[k]); err != nil {
			return err
		}
	}
	if !c.Position.IsZero() {
		part.last = c.Position
	}
	r := p.filling
	if len(part.filling) == 0 {
		r.partitions = append(r.partitions, part)
	}
	const microsecondsPerMillisecond = 1000
	for k := range p.records {
		r.bytes += part.append(&p.free, c.CommitTime/microsecondsPerMillisecond, &p.records[k])
	}
	if r.first.IsZero() {
		r.first = time.Now()
		p.poke()
	} else if r.bytes >= roundSize {
		p.poke()
	}
	return nil
}

// awaitRoom returns when the round being filled is not full, with the mutex held.
func (p *Publisher) awaitRoom(ctx context.Context) error {
	for p.err == nil && p.filling.bytes >= roundSize {
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

// Commit says that every change before end was given to Publish.
func (p *Publisher) Commit(end change.LSN) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if end <= p.filling.end || p.err != nil {
		return
	}
	p.filling.end = end
	p.confirmIdle()
}

// confirmIdle confirms at once what waits for no round.
func (p *Publisher) confirmIdle() {
	if !p.inFlight && len(p.filling.partitions) == 0 {
		p.confirm(p.filling.end)
	}
}

func (p *Publisher) confirm(end change.LSN) {
	if uint64(end) > p.confirmed.Load() {
		p.confirmed.Store(uint64(end))
	}
}

// Confirmed is the greatest end given to Commit for which every change before it is acknowledged by all replicas in
// sync. It never waits.
func (p *Publisher) Confirmed() change.LSN { return change.LSN(p.confirmed.Load()) }

// Flush waits until everything given to Publish is acknowledged.
func (p *Publisher) Flush(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	number := p.filling.number
	if len(p.filling.partitions) == 0 {
		number--
	}
	p.flush = max(p.flush, number)
	p.poke()
	for p.err == nil && p.done < number {
		if err := p.await(ctx); err != nil {
			return err
		}
	}
	return p.err
}

// fail makes err what every call gives from now on, unless there is one already.
func (p *Publisher) fail(err error) error {
	if p.err == nil {
		p.err = fmt.Errorf("publish to Kafka: %w", err)
		p.broadcast()
		p.poke()
	}
	return p.err
}

func (p *Publisher) broadcast() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// poke has Run look.
func (p *Publisher) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}
