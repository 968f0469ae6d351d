package partition

import (
	"context"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
)

// Reader reads the partition's records in order.
type Reader interface {
	// Read gives the next records, which are valid until the next call. It may give none after a while without data.
	Read(ctx context.Context) ([]kafkaclient.Record, error)
	// Offset is what the next Read begins with: the last record's offset plus one, or more behind a hole.
	Offset() int64
	// HighWatermark is the end of the partition as of the last Read.
	HighWatermark() int64
}

// Batch collects changes as columns of the target.
type Batch interface {
	// Append adds a change's row. It reports false, and adds nothing, where the change fills other columns than the
	// rows before it: insert those first.
	Append(m *codec.Message) (added bool, err error)
	Rows() int
	Bytes() int
	// Insert sends the rows under the token, and again until it is sure that they are in the target, refused, or ctx
	// ends.
	Insert(ctx context.Context, token string) error
	Reset()
}

// Gate lets changes through, or holds them.
type Gate interface {
	Open() bool
	// Wait returns when the gate is open, or with ctx's error.
	Wait(ctx context.Context) error
}

// Commit commits the partition's offset with metadata, under the generation and member that own the partition.
type Commit func(ctx context.Context, offset int64, metadata string) error

// Limits say when a batch is full; at least one row always fits.
type Limits struct {
	Rows     int
	Bytes    int
	Interval time.Duration // since the batch's first row
}

// Worker syncs one partition for as long as one generation lasts.
type Worker struct {
	topic     string
	partition int
	reader    Reader
	gate      Gate
	commit    Commit
	limits    Limits
	log       *zap.Logger

	free    [2]Batch // the first fills while the other is inserted
	decoder codec.Decoder
	message codec.Message
	rest    []kafkaclient.Record // read but not yet taken

	at        cursor  // what has been taken
	committed int64   // the watermark
	pending   *insert // in flight
}

// cursor is a place in the partition: the next offset, and the chain of everything before it.
type cursor struct {
	offset int64
	chain  chain
}

// Config is what a Worker is made of.
type Config struct {
	Topic     string
	Partition int
	Reader    Reader   // positioned at the committed offset
	Batches   [2]Batch // both for the same target
	Gate      Gate
	Commit    Commit
	Limits    Limits
	Log       *zap.Logger
}

// New makes the worker of one claim.
func New(c Config) *Worker {
	return &Worker{
		topic: c.Topic, partition: c.Partition, reader: c.Reader, gate: c.Gate, commit: c.Commit, limits: c.Limits, free: c.Batches,
		log: c.Log.With(zap.String("topic", c.Topic), zap.Int("partition", c.Partition)),
	}
}

// Run syncs from the reader's offset on until ctx ends, which is no error, or something stops the partition. metadata
// is what was committed with that offset; a partition that the group never committed begins with none.
func (w *Worker) Run(ctx context.Context, committed bool, metadata string) (err error) {
	defer func() {
		if ctx.Err() != nil {
			err = nil // the generation is over: whatever failed, failed because of it
		}
	}()
	state, err := parseMetadata(metadata)
	if err == nil && committed && metadata == "" {
		err = errBlank
	}
	if err != nil {
		return w.stop(w.reader.Offset(), err)
	}
	w.at = cursor{w.reader.Offset(), state.chain}
	w.committed = w.at.offset
	defer w.abandon()
	if state.intent != nil {
		if err := w.recover(ctx, *state.intent); err != nil {
			return err
		}
	}
	for {
		if err := w.step(ctx); err != nil {
			return err
		}
	}
}

// step forms one batch and sends it on its way.
func (w *Worker) step(ctx context.Context) error {
	s, fillErr := w.fill(ctx)
	if err := w.settle(); err != nil {
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

// advance commits the end of everything inserted and, where s has rows, announces and starts the insert of s.
func (w *Worker) advance(ctx context.Context, s span) error {
	if s.batch.Rows() == 0 {
		if w.at.offset == w.committed {
			return nil
		}
		return w.commitState(ctx, w.at.offset, state{chain: w.at.chain})
	}
	in := intent{end: w.at.offset, token: newToken()}
	if err := w.commitState(ctx, s.start.offset, state{chain: s.start.chain, intent: &in}); err != nil {
		return err
	}
	w.send(ctx, s, in)
	return nil
}

func (w *Worker) commitState(ctx context.Context, offset int64, s state) error {
	if err := w.commit(ctx, offset, s.String()); err != nil {
		return w.stop(offset, err)
	}
	w.committed = offset
	return nil
}

// finish waits for the insert in flight and commits its end.
func (w *Worker) finish(ctx context.Context) error {
	if w.pending == nil {
		return nil
	}
	if err := w.settle(); err != nil {
		return err
	}
	return w.commitState(ctx, w.at.offset, state{chain: w.at.chain})
}

// pause waits behind the closed gate, with nothing in flight.
func (w *Worker) pause(ctx context.Context) error {
	w.log.Info("paused: the gate is closed", zap.Int64("watermark", w.committed))
	if err := w.gate.Wait(ctx); err != nil {
		return w.stop(w.committed, err)
	}
	w.log.Info("resumed: the gate is open", zap.Int64("watermark", w.committed))
	return nil
}
