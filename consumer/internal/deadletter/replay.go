package deadletter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"eventsync/pkg/backoff"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/codec/debezium"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
	"eventsync/pkg/letter"
)

// Replayer publishes letters again, where they came from.
type Replayer struct {
	Reader     *Reader
	compressor *recordbatch.Compressor
	decoder    Decoder
}

// NewReplayer makes one that writes batches compressed as the producer's are.
func NewReplayer(r *Reader, compression string) (*Replayer, error) {
	c, err := recordbatch.NewCompressor(compression)
	return &Replayer{Reader: r, compressor: c}, err
}

// Replay publishes the letter's original to its own topic and partition, marked by a header, and leaves a note of that
// among the letters. It gives the offset that the message has now.
//
// The message has a position in the source's commit order no more: the consumer has long passed it there, and would take
// the message for a repeat. It stands outside that order, as the rows of a snapshot do, and its version decides against
// what the target has by now.
func (p *Replayer) Replay(ctx context.Context, e *Entry) (offset int64, err error) {
	original, err := p.original(ctx, e)
	if err != nil {
		return 0, err
	}
	r, err := p.message(e, original)
	if err != nil {
		return 0, err
	}
	if offset, err = p.publish(ctx, e.Topic, e.SourcePartition, r); err != nil {
		return 0, fmt.Errorf("publish to topic %s, partition %d: %w", e.Topic, e.SourcePartition, err)
	}
	if _, err := p.publish(ctx, p.Reader.Topic, e.Partition, note(e)); err != nil {
		return offset, fmt.Errorf("it is published again, and there is no note of that among the letters: %w", err)
	}
	return offset, nil
}

// original is the message as it was: in the letter, or else where it was read.
func (p *Replayer) original(ctx context.Context, e *Entry) (*recordbatch.ProducerRecord, error) {
	switch {
	case e.FromProducer():
		return nil, fmt.Errorf("the producer buried it because it fits into no message, and left its large columns out: there is nothing to publish; "+
			"raise the topic's max.message.bytes or make the row smaller, and have the row published by an update at the source, or all rows by: producer snapshot %s", e.Table)
	case e.SourceOffset < 0 || e.Topic == "":
		return nil, errors.New("it does not say where it came from")
	case len(e.Omitted) == 0:
		return &recordbatch.ProducerRecord{Key: e.Record.Key, Value: e.Record.Value, Headers: e.Headers}, nil
	}
	var found *kafkaclient.Record
	err := p.Reader.Client.Read(ctx, e.Topic, e.SourcePartition, e.SourceOffset, e.SourceOffset+1, func(r *kafkaclient.Record) error {
		if r.Timestamp == e.timestamp && len(r.Value) == e.Size {
			own := r.Clone()
			found = &own
		}
		return nil
	})
	if err == nil && found == nil {
		err = errors.New("its topic does not have it any more")
	}
	var headers []recordbatch.Header
	if err == nil && !slices.Equal(e.Omitted, []string{"headers"}) {
		headers, err = found.Headers.Parse()
	}
	if err != nil {
		return nil, fmt.Errorf("the letter lacks the original's %v, being too large, and the original at %v cannot be had: %w", e.Omitted, e.Place(), err)
	}
	return &recordbatch.ProducerRecord{Key: found.Key, Value: found.Value, Headers: headers}, nil
}

// message is what is published. What still is no change is refused: it would come back.
func (p *Replayer) message(e *Entry, original *recordbatch.ProducerRecord) (*recordbatch.ProducerRecord, error) {
	if _, err := p.decoder.Decode(original.Key, original.Value); err != nil {
		return nil, fmt.Errorf("it still cannot be decoded, and would come back: %w", err)
	}
	r := *original
	if !isJSON(r.Value) { // Debezium's messages have no position
		var err error
		if r.Value, err = codec.AppendWithoutPosition(nil, r.Value); err != nil {
			return nil, err
		}
	}
	at := fmt.Sprintf("%s/%d/%d", p.Reader.Topic, e.Partition, e.Offset)
	r.Headers = append(slices.Clip(r.Headers), recordbatch.Header{Key: letter.Replayed, Value: []byte(at)})
	return &r, nil
}

// note says among the letters that one was replayed.
func note(e *Entry) *recordbatch.ProducerRecord {
	header := func(name, value string) recordbatch.Header {
		return recordbatch.Header{Key: name, Value: []byte(value)}
	}
	return &recordbatch.ProducerRecord{Key: e.Record.Key, Headers: []recordbatch.Header{
		header(letter.Reason, letter.WasReplayed),
		header(letter.Replays, letterID{e.Partition, e.Offset}.String()),
		header(letter.Topic, e.Topic),
		header(letter.Partition, strconv.Itoa(e.SourcePartition)),
		header(letter.Offset, strconv.FormatInt(e.SourceOffset, 10)),
	}}
}

// publish writes one message. What a broker refuses for a reason that passes, a leader that has moved, is tried again; a
// request without an answer is not, since the message may be there.
func (p *Replayer) publish(ctx context.Context, topic string, partition int, r *recordbatch.ProducerRecord) (int64, error) {
	var b recordbatch.Builder
	b.Append(time.Now().UnixMilli(), r.Key, r.Value, r.Headers...)
	const tries = 8
	retry := backoff.New(firstBackoff, time.Second)
	for try := 1; ; try++ {
		at, err := p.Reader.Client.Produce(ctx, topic, partition, kafkaclient.Seal(nil, &b, p.compressor))
		if err == nil || try == tries || kafkaclient.IsNetwork(err) || !kafkaclient.IsRetriable(err) {
			return at, err
		}
		if err := retry.Wait(ctx); err != nil {
			return 0, err
		}
	}
}

// Decoder reads the change in a message of either format.
type Decoder struct {
	protobuf codec.Decoder
	debezium debezium.Decoder
	message  codec.Message
}

func isJSON(value []byte) bool { return len(value) > 0 && value[0] == '{' }

var errNoChange = errors.New("it is no change")

// Decode gives the change, which is valid until the next call.
func (d *Decoder) Decode(key, value []byte) (*change.Change, error) {
	ok, err := true, error(nil)
	if isJSON(value) {
		ok, err = d.debezium.Decode(key, value, &d.message)
	} else {
		err = d.protobuf.Decode(value, &d.message)
	}
	if err == nil && !ok {
		err = errNoChange
	}
	return &d.message.Change, err
}
