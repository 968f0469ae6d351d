package simulation

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/partition"
)

// group is what the group coordinator knows of a partition: which generation owns it.
type group struct {
	p          *topicPartition
	generation int
	cancel     context.CancelFunc // of the owner
	frozen     time.Time          // since when the owner does nothing, zero while it does
}

// live is the life of a partition: one owner after the other, until everything is committed.
func (p *topicPartition) live(ctx context.Context) {
	budget, pace := partition.NewBudget(1_000_000), partition.NewPace(50*time.Millisecond, 100*time.Millisecond)
	for !p.done() && ctx.Err() == nil {
		p.own(ctx, budget, pace)
	}
	p.stop()
}

// own lets an owner work until it ends, is stopped, or is taken for dead: then it may live on, as a zombie.
func (p *topicPartition) own(ctx context.Context, budget *partition.Budget, pace *partition.Pace) {
	w := p.w
	ctx, cancel := context.WithCancel(ctx)
	p.mu.Lock()
	p.generation++
	c := &claim{p: p, generation: p.generation, cancel: cancel, dice: w.dice(forCalls, p.id, p.generation)}
	p.cancel, p.frozen = cancel, time.Time{}
	offset, metadata, topic := p.committed, p.metadata, p.topic
	p.mu.Unlock()
	w.Say("partition %d: generation %d begins at %d with %q", p.id, c.generation, offset, metadata)
	s, d := &server{p: p, claim: c}, w.dice(forTheOwner, p.id, c.generation)
	worker := partition.New(partition.Config{
		Topic: "t", TopicID: topic, Compacted: w.can.compaction, Partition: p.id, Reader: &reader{p: p, claim: c, dice: w.dice(forReading, p.id, c.generation), at: max(offset, 0)},
		Batches: [2]partition.Batch{&batch{server: s}, &batch{server: s}}, Target: s, Gate: w, Claim: c, Letters: s, Budget: budget, Pace: pace,
		Limits: partition.Limits{Rows: 1 + d.Intn(12), Bytes: 1 << 20}, Settled: settled, Log: zap.NewNop(),
	})
	ended := make(chan error, 1)
	go func() {
		err := worker.Run(ctx, offset >= 0, metadata)
		cancel()
		ended <- err
	}()
	for {
		select {
		case err := <-ended:
			p.stopped(c, topic, err)
			return
		case <-time.After(time.Second + d.UpTo(time.Millisecond)):
		}
		switch {
		case p.done():
			cancel()
			return
		case p.silent() > session:
			w.Say("partition %d: generation %d is taken for dead", p.id, c.generation)
			return
		case d.perhaps(60):
			w.Say("partition %d: generation %d is killed", p.id, c.generation)
			cancel()
			return
		}
	}
}

// stopped deals with a worker that has ended by itself.
func (p *topicPartition) stopped(c *claim, topic string, err error) {
	w := p.w
	if err == nil {
		return
	}
	w.Say("partition %d: generation %d stops: %v", p.id, c.generation, err)
	switch {
	case errors.Is(err, errFenced), errors.Is(err, errUncertain), errors.Is(err, context.Canceled):
	case strings.Contains(err.Error(), "another topic of this name") && topic == "second", strings.Contains(err.Error(), "has no metadata") && w.can.blanked:
		p.mu.Lock()
		p.over = true // loudly, as it should
		p.mu.Unlock()
	default:
		w.Fail("partition %d stops: %v", p.id, err)
		p.mu.Lock()
		p.over = true
		p.mu.Unlock()
	}
}

// done reports whether nothing is left to do.
func (p *topicPartition) done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.over || p.committed == int64(len(p.log)) && !strings.Contains(p.metadata, " I=") && !strings.Contains(p.metadata, " U=")
}

// silent is for how long the owner has sent no heartbeat.
func (p *topicPartition) silent() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen.IsZero() {
		return 0
	}
	return time.Since(p.frozen)
}

// stop ends the owner.
func (p *topicPartition) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopLocked()
}

func (p *topicPartition) stopLocked() {
	if p.cancel != nil {
		p.cancel()
	}
}

var (
	errFenced    = errors.New("the commit was refused")
	errUncertain = errors.New("the commit had no answer")
)

// claim is a partition in one generation.
type claim struct {
	p          *topicPartition
	generation int
	cancel     context.CancelFunc
	dice       *dice // for what is called one after the other
	lease      time.Time
}

// freeze stops the owner's process for a while, wherever it is.
func (c *claim) freeze(with *dice, where string) {
	w := c.p.w
	if !w.can.freezes || !with.perhaps(60) {
		return
	}
	d := with.UpTo(90 * time.Second)
	w.Say("partition %d: generation %d freezes for %v %s", c.p.id, c.generation, d, where)
	c.frozen(time.Now())
	w.pass(d)
	c.frozen(time.Time{})
}

func (c *claim) frozen(since time.Time) {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.p.generation == c.generation {
		c.p.frozen = since
	}
}

func (c *claim) Held() bool {
	c.freeze(c.dice, "before it looks at its lease")
	return time.Now().Before(c.lease)
}

func (c *claim) Commit(_ context.Context, offset int64, metadata string) error {
	w := c.p.w
	c.freeze(c.dice, "before a commit")
	defer c.freeze(c.dice, "behind a commit")
	sent := time.Now()
	w.pass(c.dice.UpTo(20 * time.Millisecond))
	switch {
	case w.can.lateCommits && c.dice.perhaps(25):
		w.Say("partition %d: commit %d %q of generation %d hangs", c.p.id, offset, metadata, c.generation)
		late := c.dice.UpTo(15 * time.Second)
		go func() {
			w.pass(late)
			if c.apply(offset, metadata) == nil {
				w.Say("partition %d: the late commit %d arrives", c.p.id, offset)
			}
		}()
		w.pass(session / 2)
		return errUncertain
	case c.dice.perhaps(40):
		err := c.apply(offset, metadata)
		if err == nil {
			w.Say("partition %d: commit %d %q is not answered", c.p.id, offset, metadata)
			err = errUncertain
		}
		return err
	}
	err := c.apply(offset, metadata)
	if err == nil {
		c.lease = sent.Add(session)
		w.Say("partition %d: commit %d %q", c.p.id, offset, metadata)
	}
	return err
}

// apply stores a commit of the generation that owns the partition.
func (c *claim) apply(offset int64, metadata string) error {
	p := c.p
	p.mu.Lock()
	if p.generation != c.generation {
		p.mu.Unlock()
		return errFenced
	}
	p.committed, p.metadata = offset, metadata
	p.mu.Unlock()
	p.watermark(offset)
	return nil
}

// watermark checks that everything before a committed offset is in the table, or never will be for a reason.
func (p *topicPartition) watermark(offset int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.log[:min(offset, int64(len(p.log)))] {
		if p.kind[r.change] == "truncate" {
			p.floor = max(p.floor, versionOf(r.change))
		}
	}
	p.w.below(p)
	for _, r := range p.log[:min(offset, int64(len(p.log)))] {
		switch {
		case r.gone, p.kind[r.change] == "truncate", r.change != 0 && versionOf(r.change) < p.w.emptied():
		case r.change == 0, p.kind[r.change] == "refused":
			if p.buried[r.Offset] == 0 && !p.repeated(r) {
				p.w.Fail("partition %d: offset %d is committed, and the message at %d is no dead letter", p.id, offset, r.Offset)
			}
		case p.w.table.Has(p.row(r.change)) == 0:
			p.w.Fail("partition %d: offset %d is committed, and change %d is not in the table", p.id, offset, r.change)
		}
	}
}

// repeated reports whether the change was in the log before.
func (p *topicPartition) repeated(r record) bool {
	for _, e := range p.log[:r.Offset] {
		if r.change != 0 && e.change == r.change {
			return true
		}
	}
	return false
}

// check says whether everything is where it should be, at the end.
func (p *topicPartition) check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.w
	if p.over {
		return
	}
	for _, r := range p.log {
		if r.change == 0 || r.gone || p.kind[r.change] == "truncate" {
			continue
		}
		row := p.row(r.change)
		n, want := w.table.Has(row), 1
		if p.kind[r.change] == "refused" || versionOf(r.change) < w.emptied() {
			want = 0
		}
		if n != want {
			w.Fail("partition %d: change %d is in the table %d times, want %d", p.id, r.change, n, want)
		}
		if seen := w.table.Seen(row); w.views && want == 1 && seen != 1 && !w.excused[r.change] && !w.can.truncate {
			w.Fail("partition %d: the view has counted change %d %d times", p.id, r.change, seen)
		}
	}
}
