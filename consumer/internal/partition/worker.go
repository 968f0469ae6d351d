package partition

import (
	"context"
	"math"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/codec/debezium"
	"eventsync/pkg/kafkaclient"
)

// Limits say when a batch is full; at least one row always fits.
type Limits struct {
	Rows  int
	Bytes int
}

// unlimited is for a batch that ends where its intent says.
var unlimited = Limits{math.MaxInt, math.MaxInt}

// Config is what a Worker is made of.
type Config struct {
	Topic string
	// TopicID tells a topic from another that was made anew under its name; "" where the broker has none.
	TopicID string
	// Compacted says that the broker takes records out of the topic: the chain tells no repeats then.
	Compacted bool
	Partition int
	Reader    Reader   // positioned at the committed offset
	Batches   [2]Batch // both for the same target
	Target    Target
	Gate      Gate
	Claim     Claim
	Letters   Letters
	Budget    *Budget // the partition's, for all of its workers
	Pace      *Pace   // the table's
	Lanes     *Lanes  // the process's
	Limits    Limits
	// Settled is how long after its owner has lost the partition an insert can still land: the session timeout, and
	// what the server takes for an insert at most.
	Settled time.Duration
	// Committed is told of every commit; it may be nil.
	Committed func(Mark)
	Log       *zap.Logger
}

// Worker syncs one partition for as long as one generation lasts.
type Worker struct {
	topic, topicID string
	compacted      bool
	partition      int
	reader         Reader
	target         Target
	gate           Gate
	claim          Claim
	letters        Letters
	budget         *Budget
	pace           *Pace
	lanes          *Lanes
	limits         Limits
	settled        time.Duration
	committedMark  func(Mark)
	log            *zap.Logger

	free     [2]Batch // the first fills while the other is inserted
	protobuf codec.Decoder
	debezium debezium.Decoder
	message  codec.Message
	rest     []kafkaclient.Record // read but not yet taken

	at         cursor         // what has been taken
	committed  int64          // the watermark
	floor      change.Version // rows of smaller versions were truncated
	unsure     int64          // rows of messages before it may be in the target already
	pending    *insert        // in flight
	quiet      time.Time      // since when no other owner uses a token
	disowned   time.Time      // since when this one uses none of before, as it has told; zero if it has not
	announced  bool           // the watermark was committed with an intent
	unanswered time.Time      // when an insert was last left without an answer
	told       uint64         // rows that the marks have told of
	progress   progress
}

// cursor is a place in the partition: the next offset, and the chain of everything before it.
type cursor struct {
	offset int64
	chain  chain
}

// New makes the worker of one claim.
func New(c Config) *Worker {
	w := &Worker{
		topic: c.Topic, topicID: c.TopicID, compacted: c.Compacted, partition: c.Partition, reader: c.Reader, target: c.Target, gate: c.Gate,
		claim: c.Claim, letters: c.Letters, budget: c.Budget, pace: c.Pace, lanes: c.Lanes, limits: c.Limits, settled: c.Settled,
		committedMark: c.Committed, free: c.Batches,
		log: c.Log.With(zap.String("topic", c.Topic), zap.Int("partition", c.Partition)),
	}
	w.progress.p.Committed, w.progress.p.Next = c.Reader.Offset(), c.Reader.Offset()
	return w
}

// Run syncs from the reader's offset on until ctx ends, which is no error, or something stops the partition. metadata
// is what was committed with that offset; a partition that the group never committed begins with none.
func (w *Worker) Run(ctx context.Context, committed bool, metadata string) (err error) {
	defer func() {
		if ctx.Err() != nil {
			err = nil // the generation is over: whatever failed, failed because of it
		}
	}()
	s, err := w.begun(committed, metadata)
	if err != nil {
		return w.stop(w.reader.Offset(), &MetadataError{err})
	}
	w.at = cursor{w.reader.Offset(), s.chain}
	w.committed, w.floor, w.unsure = w.at.offset, s.floor, s.unsure
	w.beganQuiet(&s)
	w.progress.change(func(p *Progress) { p.Committed, p.Next, p.End = w.at.offset, w.at.offset, w.reader.HighWatermark() })
	defer w.abandon()
	if err := w.recover(ctx, s); err != nil {
		return err
	}
	for {
		if err := w.step(ctx); err != nil {
			return err
		}
	}
}

// begun is the state that the partition was left in.
func (w *Worker) begun(committed bool, metadata string) (state, error) {
	s, err := parseMetadata(metadata)
	switch {
	case err == nil && committed && metadata == "":
		return s, errBlank
	case err == nil && s.topic != "" && w.topicID != "" && s.topic != w.topicID:
		return s, errOtherTopic
	default:
		return s, err
	}
}

// step forms one batch and sends it on its way.
func (w *Worker) step(ctx context.Context) error {
	s, fillErr := w.fill(ctx)
	w.progress.filling(&s)
	if redone, err := w.settle(ctx); err != nil || redone {
		return err
	}
	if err := w.advance(ctx, s); err != nil {
		return err
	}
	if s.held {
		return w.pause(ctx)
	}
	if fillErr == nil {
		return nil
	}
	// What came before the message that stops the partition is synced first.
	if err := w.finish(ctx); err != nil {
		return err
	}
	return fillErr
}
