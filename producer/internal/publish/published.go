package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
	"eventsync/producer/internal/source"
)

// lookBack is how many messages of a partition are looked at, at least: its last need not be its greatest, since a
// producer that was restarted repeats changes.
const lookBack = 10_000

// Published is the greatest commit, with its epoch, that the tables' topics end with; 0 where they hold none. Debezium's
// messages have no epoch: theirs is 0.
func (p *Publisher) Published(ctx context.Context, tables []source.Name) (change.LSN, error) {
	var greatest change.LSN
	for _, table := range tables {
		topic := p.cfg.Kafka.Topic(table.String())
		err := p.persist(ctx, "cannot read the topic's ends", topic, func() error {
			last, err := p.publishedIn(ctx, topic)
			greatest = max(greatest, last)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return greatest, nil
}

func (p *Publisher) publishedIn(ctx context.Context, topic string) (greatest change.LSN, _ error) {
	n, err := p.client.Partitions(ctx, topic)
	if errors.Is(err, kafkaclient.ErrNoTopic) {
		return 0, nil
	}
	for partition := 0; err == nil && partition < n; partition++ {
		var last change.LSN
		last, err = p.publishedTo(ctx, topic, partition)
		greatest = max(greatest, last)
	}
	return greatest, err
}

// publishedTo walks back from the partition's end to where it holds a commit: the rows of a snapshot have none.
func (p *Publisher) publishedTo(ctx context.Context, topic string, partition int) (greatest change.LSN, _ error) {
	log, err := p.client.Offsets(ctx, topic, partition)
	if err != nil {
		return 0, err
	}
	var d codec.Decoder
	var m codec.Message
	for to, back := log.Last, int64(lookBack); greatest == 0 && to > log.First; back *= 10 {
		from := max(log.First, log.Last-back)
		err := p.client.Read(ctx, topic, partition, from, to, func(r *kafkaclient.Record) error {
			commit, err := commitOf(&d, &m, r.Value)
			greatest = max(greatest, commit)
			if err != nil {
				return fmt.Errorf("the message at offset %d: %w", r.Offset, err)
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
		to = from
	}
	return greatest, nil
}

// commitOf gives the commit of a message of either format, 0 where it has none.
func commitOf(d *codec.Decoder, m *codec.Message, value []byte) (change.LSN, error) {
	switch {
	case len(value) == 0: // a tombstone
		return 0, nil
	case value[0] == '{':
		return debeziumCommit(value)
	default:
		err := d.Decode(value, m)
		return m.Position.Commit, err
	}
}

// debeziumCommit gives the place of a row's own record, which is the nearest to its transaction's commit that the
// message has.
func debeziumCommit(value []byte) (change.LSN, error) {
	type envelope struct {
		Source struct {
			LSN      change.LSN `json:"lsn"`
			Snapshot any        `json:"snapshot"`
		} `json:"source"`
	}
	var m struct {
		envelope
		Payload *envelope `json:"payload"`
	}
	if err := json.Unmarshal(value, &m); err != nil {
		return 0, err
	}
	if m.Payload != nil {
		m.envelope = *m.Payload
	}
	switch m.Source.Snapshot {
	case nil, false, "false":
		return m.Source.LSN, nil
	default:
		return 0, nil
	}
}
