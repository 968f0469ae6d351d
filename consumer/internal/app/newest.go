package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/codec/debezium"
	"eventsync/pkg/kafkaclient"
)

const (
	firstLook = 10   // records from a partition's end
	jsonLook  = 1000 // JSON without a schema tells its types by many rows
	lastLook  = 1_000_000
)

// newest is the newest shape of a source table that its topic tells of.
type newest struct {
	relation *change.Relation
	position change.Position
	version  change.Version
	// inferred says that the types are those of the JSON, and may be others at the source.
	inferred bool
}

// newestRelation reads the last messages of a topic's partitions. It is nil where there is none with a row.
func newestRelation(ctx context.Context, client *kafkaclient.Client, topic string) (*newest, error) {
	partitions, err := client.Partitions(ctx, topic)
	if errors.Is(err, kafkaclient.ErrNoTopic) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found *newest
	for p := range partitions {
		n, err := newestOf(ctx, client, topic, p)
		if err != nil {
			return nil, fmt.Errorf("the last messages of topic %s, partition %d: %w", topic, p, err)
		}
		if n.after(found) {
			found = n
		}
	}
	return found, nil
}

// after compares by commit order, and where that says nothing, as in a snapshot and in Debezium's format, by version.
func (n *newest) after(o *newest) bool {
	switch {
	case n == nil || o == nil:
		return n != nil
	case n.position.IsZero() || o.position.IsZero() || n.position == o.position:
		return n.version > o.version
	default:
		return n.position.Compare(o.position) > 0
	}
}

// newestOf looks back further each time: a compacted topic has holes, and the last messages may be none.
func newestOf(ctx context.Context, client *kafkaclient.Client, topic string, partition int) (*newest, error) {
	log, err := client.Offsets(ctx, topic, partition)
	if err != nil {
		return nil, err
	}
	for back := int64(firstLook); ; back *= 10 {
		from := max(log.First, log.Last-back)
		var d shapes
		if err := client.Read(ctx, topic, partition, from, log.Last, d.see); err != nil {
			return nil, err
		}
		enough := d.newest != nil && (!d.newest.inferred || back >= jsonLook)
		if enough || from == log.First || back >= lastLook {
			return d.newest, nil
		}
	}
}

// shapes decodes messages for their relations. What cannot be decoded tells nothing here; the worker that comes to it
// says so.
type shapes struct {
	own     codec.Decoder
	json    debezium.Decoder
	message codec.Message
	newest  *newest
}

func (s *shapes) see(r *kafkaclient.Record) error {
	var err error
	ok, inferred := len(r.Value) > 0, false
	if ok && r.Value[0] == '{' {
		ok, err = s.json.Decode(r.Key, r.Value, &s.message)
		inferred = !bytes.HasPrefix(r.Value, []byte(`{"schema":`))
	} else if ok {
		err = s.own.Decode(r.Value, &s.message)
	}
	m := &s.message
	if !ok || err != nil || len(m.Relation.Columns) == 0 {
		return nil //nolint:nilerr // see above
	}
	if n := (&newest{m.Relation, m.Position, m.Version, inferred}); n.after(s.newest) || inferred {
		s.newest = n // what a later row tells of JSON's types is added to what the rows before it told
	}
	return nil
}
