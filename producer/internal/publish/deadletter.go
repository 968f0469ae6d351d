package publish

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient/recordbatch"
	"eventsync/pkg/letter"
)

// deadLetters is the topic of changes that fit into no message.
type deadLetters struct {
	topic   *topic
	encoder codec.Encoder
}

// bury publishes a dead letter in the round: it is acknowledged before the change's position is confirmed. The partition
// where the change belongs does not get to know of it: its last position stays that of what was published there. The
// mutex is held, and given up meanwhile when the topic is looked for first.
func (p *Publisher) bury(ctx context.Context, c *change.Change, why *OversizeError) error {
	if err := p.openLetters(ctx); err != nil {
		return fmt.Errorf("dead letter: %w (its reason: %w)", err, why)
	}
	letters := p.letters
	record := letters.record(c, why)
	p.put(letters.topic.partitions[0], c.CommitTime, &record, sizeOf(&record))
	p.filling.commitTime = max(p.filling.commitTime, c.CommitTime)
	p.counters.deadLetters.Add(1)
	p.log.Error("a change is too large for a message, and goes to the dead letters instead", zap.String("topic", why.Topic),
		zap.String("key", shortened(why.Key)), zap.Stringer("position", c.Position), zap.Stringer("op", c.Op),
		zap.Int("size", why.Size), zap.Int("limit", why.Limit), zap.String("dead_letters", letters.topic.name))
	return nil
}

func shortened(key string) string {
	const most = 1 << 10
	if len(key) <= most {
		return key
	}
	return key[:most] + "..."
}

func (p *Publisher) openLetters(ctx context.Context) error {
	if p.letters != nil {
		return nil
	}
	p.mu.Unlock()
	defer p.mu.Lock()
	t := &topic{name: p.cfg.Kafka.DeadLetterTopic()}
	err := p.persist(ctx, "cannot make sure of the topic of dead letters", t.name, func() error {
		wanted := deadLetterPolicy(p.cfg)
		n, err := p.client.EnsureTopic(ctx, t.name, wanted.partitions, wanted.replication, wanted.settings...)
		if err != nil {
			return explain(p.cfg, t.name, err)
		}
		is, err := p.client.Describe(ctx, t.name, settingsSeen...)
		t.limits = limitsOf(maxMessageBytes(is))
		t.grow(min(n, 1))
		return err
	})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.letters == nil {
		p.letters = &deadLetters{topic: t}
	}
	return nil
}

// record is a message with what the change's own would have, but for the columns that made it too large.
func (d *deadLetters) record(c *change.Change, why *OversizeError) recordbatch.ProducerRecord {
	room := d.topic.limits.full / 2
	header := func(name, value string) recordbatch.Header {
		return recordbatch.Header{Key: name, Value: []byte(value)}
	}
	r := recordbatch.ProducerRecord{
		Value: d.shrunk(c, room),
		Headers: []recordbatch.Header{
			header(letter.Reason, letter.Oversize),
			header(letter.Topic, why.Topic),
			header(letter.Partition, strconv.Itoa(why.Partition)),
			header(letter.Table, c.Relation.Name()),
			header(letter.Position, c.Position.String()),
			header(letter.Version, strconv.FormatUint(uint64(c.Version), 10)),
			header(letter.Epoch, strconv.Itoa(int(c.Version.Epoch()))),
			header(letter.Op, c.Op.String()),
			header(letter.Size, strconv.Itoa(why.Size)),
			header(letter.Limit, strconv.Itoa(why.Limit)),
		},
	}
	if why.Key != "" && len(why.Key) <= room/2 {
		r.Key = []byte(why.Key)
	}
	return r
}

// shrunk is the change as Protobuf, with its largest columns marked unavailable until it fits; nil if it never does.
func (d *deadLetters) shrunk(c *change.Change, room int) []byte {
	small := *c
	small.Values, small.Before = slices.Clone(c.Values), nil
	for {
		largest := -1
		size := 0
		for i := range small.Values {
			n := len(small.Values[i].Bytes)
			size += n
			if n > 0 && (largest < 0 || n > len(small.Values[largest].Bytes)) {
				largest = i
			}
		}
		if size < room {
			if b := d.encoder.Append(nil, &small, change.Position{}); len(b) <= room {
				return b
			}
		}
		if largest < 0 {
			return nil
		}
		small.Values[largest] = change.UnavailableValue()
	}
}
