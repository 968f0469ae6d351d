package deadletter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
	"eventsync/pkg/letter"
)

// How long a request that failed waits before it is sent again.
const (
	firstBackoff = 100 * time.Millisecond
	lastBackoff  = 10 * time.Second
)

const (
	// batchSize is how large a batch may become before it is compressed, unless a single letter is larger: a topic takes
	// a mebibyte by default.
	batchSize = 900 << 10
	// maxRequest is the most that is tried at all: what a broker never reads (socket.request.max.bytes) it answers by
	// closing the connection.
	maxRequest = 64 << 20
)

// Writer buries messages. It may be used from any goroutine.
type Writer struct {
	client      *kafkaclient.Client
	topic       string
	replication int
	group       string
	log         *zap.Logger
	compressor  *recordbatch.Compressor

	mu   sync.Mutex
	made bool // the topic was there when it was last looked for
}

// NewWriter makes a Writer of a consumer group's letters. It looks for the topic when it has the first.
func NewWriter(client *kafkaclient.Client, cfg *config.Config, log *zap.Logger) (*Writer, error) {
	compressor, err := recordbatch.NewCompressor("lz4")
	if err != nil {
		return nil, err
	}
	return &Writer{
		client: client, topic: cfg.Kafka.DeadLetterTopic(), replication: cfg.Kafka.Replication, group: cfg.Consumer.Group,
		log: log.With(zap.String("dead_letters", cfg.Kafka.DeadLetterTopic())), compressor: compressor,
	}, nil
}

// Bury returns when all of the letters are acknowledged, in their order. It makes the topic if need be, and goes on
// trying what may pass by itself until ctx ends.
func (w *Writer) Bury(ctx context.Context, letters []Letter) error {
	for len(letters) > 0 {
		n, err := w.bury(ctx, letters)
		if err != nil {
			return fmt.Errorf("dead letters: topic %s: %w", w.topic, err)
		}
		letters = letters[n:]
	}
	return nil
}

// bury sends as many letters as a batch holds.
func (w *Writer) bury(ctx context.Context, letters []Letter) (int, error) {
	var b recordbatch.Builder
	for i := range letters {
		r := letters[i].record(w.group, whole)
		size := recordbatch.RecordSize(r.Key, r.Value, r.Headers...)
		if b.Count() > 0 && b.Size()+size > batchSize {
			break
		}
		b.Append(time.Now().UnixMilli(), r.Key, r.Value, r.Headers...)
	}
	letters = letters[:b.Count()]
	return len(letters), w.send(ctx, &b, letters)
}

// send sends the batch of these letters; one that is too large letter by letter, and a single one without its larger parts.
func (w *Writer) send(ctx context.Context, b *recordbatch.Builder, letters []Letter) error {
	err := w.persist(ctx, b)
	if !kafkaclient.IsTooLarge(err) {
		return err
	}
	if len(letters) > 1 {
		half := len(letters) / 2
		var later recordbatch.Builder
		b.Split(&later)
		if err := w.send(ctx, b, letters[:half]); err != nil {
			return err
		}
		return w.send(ctx, &later, letters[half:])
	}
	for p := withoutValue; p <= withoutKey && kafkaclient.IsTooLarge(err); p++ {
		r := letters[0].record(w.group, p)
		b.Reset()
		b.Append(time.Now().UnixMilli(), r.Key, r.Value, r.Headers...)
		if err = w.persist(ctx, b); err == nil {
			w.log.Warn("a dead letter is larger than its topic takes, and has less than the original: raise the topic's max.message.bytes",
				zap.Stringer("original", letters[0].Place), zap.Strings("omitted", p.omitted()), zap.Int("size", len(letters[0].Record.Value)))
		}
	}
	return err
}

// persist writes the batch, for as long as what fails may pass.
func (w *Writer) persist(ctx context.Context, b *recordbatch.Builder) error {
	for retry := backoff.New(firstBackoff, lastBackoff); ; {
		err := w.ensure(ctx)
		if err == nil {
			err = w.write(ctx, b)
		}
		switch {
		case err == nil, kafkaclient.IsTooLarge(err):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !errors.Is(err, kafkaclient.ErrNoTopic) && !kafkaclient.IsRetriable(err): // the former: not known everywhere yet
			return err
		}
		w.forget()
		w.log.Warn("cannot bury dead letters; trying again", zap.Int("letters", b.Count()), zap.Duration("after", retry.Next()), zap.Error(err))
		if err := retry.Wait(ctx); err != nil {
			return err
		}
	}
}

func (w *Writer) write(ctx context.Context, b *recordbatch.Builder) error {
	set := kafkaclient.Seal(nil, b, w.compressor)
	if set.Size() > maxRequest {
		return kafkaclient.ErrTooLarge
	}
	_, err := w.client.Produce(ctx, w.topic, 0, set)
	return err
}

// ensure makes the topic unless it was there when it was last looked for.
func (w *Writer) ensure(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.made {
		return nil
	}
	_, err := w.client.EnsureTopic(ctx, w.topic, letter.Partitions, w.replication, letter.Settings()...)
	w.made = err == nil
	return err
}

func (w *Writer) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made = false
}
