package fetch

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/rawfetch"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// Reader reads one partition. It belongs to one goroutine.
type Reader struct {
	factory   *Factory
	topic     string
	partition int
	log       *zap.Logger

	offset   int64 // what to read next
	maxBytes int32
	decoder  recordbatch.Decoder
	aborted  abortedFilter
	retry    *backoff.Backoff

	ahead   *ahead             // nil: none under way
	current *rawfetch.Response // nil: none at hand
	rest    []byte             // of the current answer's batches
	records []kafkaclient.Record

	highWatermark, lastStable int64
}

// Offset is what to read next: behind everything that Read gave or passed over.
func (r *Reader) Offset() int64 { return r.offset }

// HighWatermark is the offset behind the last record that all replicas in sync hold, by the last answer.
func (r *Reader) HighWatermark() int64 { return r.highWatermark }

// LastStable is the offset before which every transaction has ended, by the last answer: what can be read now.
func (r *Reader) LastStable() int64 { return r.lastStable }

// Read gives the next batch's records, in order; they are valid until the next Read, SeekTo or Close. There may be none:
// when nothing came for half a second, or when what came holds nothing for a consumer. It retries what can mend
// itself until ctx ends; after any other error it may be called again, and stands where it stood.
func (r *Reader) Read(ctx context.Context) ([]kafkaclient.Record, error) {
	for {
		if len(r.rest) > 0 {
			return r.next()
		}
		err := r.receive(ctx)
		if err == nil {
			r.retry.Reset()
			if len(r.rest) == 0 {
				return nil, nil
			}
			continue
		}
		if err := r.mend(ctx, err); err != nil {
			return nil, err
		}
	}
}

// receive waits for the fetch under way, and starts the one after it.
func (r *Reader) receive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	r.drop()
	if r.ahead == nil {
		r.ahead = r.fetch(r.offset)
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.ahead.done:
	}
	a := r.ahead
	r.ahead = nil
	if a.err != nil {
		return a.err
	}
	r.current, r.rest = a.response, a.response.Batches
	r.highWatermark, r.lastStable = a.response.HighWatermark, a.response.LastStable
	r.aborted.reset(a.response.Aborted)
	next, err := r.behind(r.rest)
	if err != nil {
		return err
	}
	r.ahead = r.fetch(next)
	return nil
}

// behind is the offset behind the batches, by their headers alone, so that the next fetch need not wait for the
// decoder. It makes room for a batch that was cut off though it is the first.
func (r *Reader) behind(batches []byte) (int64, error) {
	next := r.offset
	for b := batches; len(b) > 0; {
		batch, rest, err := recordbatch.Parse(b)
		switch {
		case errors.Is(err, recordbatch.ErrCut) && len(b) < len(batches):
			return next, nil
		case errors.Is(err, recordbatch.ErrCut):
			return next, r.grow(b)
		case err != nil:
			// Read will come to it, and tell.
			return next, nil //nolint:nilerr // see above
		}
		next, b = max(next, batch.LastOffset+1), rest
	}
	return next, nil
}

var errGrown = errors.New("the batch did not fit")

func (r *Reader) grow(b []byte) error {
	need := max(recordbatch.Size(b), 2*int(r.maxBytes))
	if need > rawfetch.MaxAnswer {
		return fmt.Errorf("%s, partition %d, offset %d: a batch of %d bytes is larger than the limit of %d", r.topic, r.partition, r.offset, need, rawfetch.MaxAnswer)
	}
	r.maxBytes = int32(need) //nolint:gosec // G115: at most rawfetch.MaxAnswer
	return errGrown
}

// next reads batches up to the first that has records for a consumer.
func (r *Reader) next() ([]kafkaclient.Record, error) {
	for len(r.rest) > 0 {
		batch, rest, err := recordbatch.Parse(r.rest)
		if errors.Is(err, recordbatch.ErrCut) {
			r.rest = nil
			break
		}
		if err == nil {
			err = r.decode(&batch)
		}
		if err != nil {
			r.forget()
			return nil, fmt.Errorf("%s, partition %d, offset %d: %w", r.topic, r.partition, r.offset, err)
		}
		r.rest, r.offset = rest, max(r.offset, batch.LastOffset+1)
		if len(r.records) > 0 {
			return r.records, nil
		}
	}
	return nil, nil
}

// decode leaves in r.records what of the batch is for a consumer and not before the offset.
func (r *Reader) decode(batch *recordbatch.Batch) (err error) {
	r.records = r.records[:0]
	if batch.Control {
		if err := batch.Verify(); err != nil {
			return err
		}
	}
	if r.aborted.passOver(batch) || batch.LastOffset < r.offset {
		return nil
	}
	if r.records, err = r.decoder.Records(r.records, batch); err != nil {
		r.records = r.records[:0]
		return err
	}
	before := 0
	for before < len(r.records) && r.records[before].Offset < r.offset {
		before++
	}
	r.records = r.records[before:]
	return nil
}

// mend waits before the next try, or gives the error that no try will mend.
func (r *Reader) mend(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, errGrown):
		r.forget()
		return nil
	case errors.Is(err, kafka.OffsetOutOfRange):
		return r.outOfRange(ctx)
	case !kafkaclient.IsRetriable(err) || errors.Is(err, kafka.InvalidMessage): // the latter: corrupt on the broker
		return fmt.Errorf("fetch %s, partition %d, offset %d: %w", r.topic, r.partition, r.offset, err)
	}
	r.forget()
	r.log.Warn("fetch failed; trying again", zap.Int64("offset", r.offset), zap.Duration("after", r.retry.Next()), zap.Error(err))
	return r.retry.Wait(ctx)
}

func (r *Reader) outOfRange(ctx context.Context) error {
	o, err := r.factory.client.Offsets(ctx, r.topic, r.partition)
	if err != nil {
		return fmt.Errorf("offset %d is out of range: %w", r.offset, err)
	}
	return &OutOfRangeError{Topic: r.topic, Partition: r.partition, Offset: r.offset, First: o.First, Last: o.Last}
}

// SeekTo makes offset what is read next.
func (r *Reader) SeekTo(offset int64) {
	r.forget()
	r.offset = offset
	r.retry.Reset()
}

// Close ends the fetch under way.
func (r *Reader) Close() { r.forget() }

// forget drops everything that was fetched and not read.
func (r *Reader) forget() {
	r.ahead.stop(r.factory)
	r.ahead = nil
	r.drop()
}

// drop gives back the answer at hand.
func (r *Reader) drop() {
	r.rest = nil
	if r.current != nil {
		r.factory.release(r.current)
		r.current = nil
	}
}
