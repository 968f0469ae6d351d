package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

// watermark is what is known of how far a partition is synced: by the group's committed offset, by the topic, and by
// sync_cursors.
type watermark struct {
	table     config.Table
	topic     string
	partition int
	group     string

	committed kafkaclient.Commit
	is        partition.Watermark // what the commit's metadata says
	unread    error               // why it says nothing
	topicID   string
	log       kafkaclient.Offsets
	cursor    *sink.Cursor // nil for none
}

// watermarks asks about every partition of a table.
func (m *mender) watermarks(ctx context.Context, table config.Table) ([]*watermark, error) {
	topic, group := m.cfg.Kafka.Topic(table.Source), m.cfg.Consumer.Group
	n, err := m.client.Partitions(ctx, topic)
	if err != nil {
		return nil, err
	}
	id, err := m.client.TopicID(ctx, topic)
	if err != nil {
		return nil, err
	}
	commits, err := m.client.Committed(ctx, group, topic, n)
	if err != nil {
		return nil, err
	}
	cursors, err := m.sink.ReadCursors(ctx, table.TargetName())
	if err != nil {
		return nil, err
	}
	all := make([]*watermark, n)
	for i := range all {
		w := &watermark{table: table, topic: topic, partition: i, group: group, committed: commits[i], topicID: id}
		if c, ok := cursors[i]; ok {
			w.cursor = &c
		}
		if w.committed.Offset >= 0 {
			w.is, w.unread = partition.ParseWatermark(w.committed.Metadata)
		}
		if w.log, err = m.client.Offsets(ctx, topic, i); err != nil {
			return nil, err
		}
		all[i] = w
	}
	return all, nil
}

// recreated says that what was synced was of another topic of this name: by the commit, or where there is none, since a
// deleted topic takes it along, by sync_cursors.
func (w *watermark) recreated() bool {
	if w.committed.Offset >= 0 && w.unread == nil {
		return another(w.is.TopicID, w.topicID)
	}
	return w.cursor != nil && another(w.cursor.TopicID, w.topicID)
}

// synced is the offset up to which the topic was synced.
func (w *watermark) synced() int64 {
	if w.committed.Offset < 0 && w.cursor != nil {
		return w.cursor.Offset
	}
	return w.committed.Offset
}

// problem says what keeps a consumer of the group from going on, and what mends it; "" for nothing.
func (w *watermark) problem() (problem, fix string) {
	target := w.table.TargetName()
	restore := "consumer watermark restore " + target
	again := restore + ", then producer snapshot " + w.table.Source
	switch c := w.committed.Offset; {
	case w.foreign():
		return fmt.Sprintf("the target is synced by group %s", w.cursor.Group), "consumer watermark take-over " + target + ", if that group's consumers are stopped for good"
	case c < 0 && w.cursor == nil:
		return "", ""
	case w.recreated():
		return fmt.Sprintf("the topic was deleted and made anew: what the old one held from offset %d on is lost, unless it was published again", w.synced()), again
	case c < 0:
		return fmt.Sprintf("no offset is committed, and %d was at %s", w.cursor.Offset, w.cursor.At.Format(time.RFC3339)), restore
	case c < w.log.First:
		return fmt.Sprintf("the topic has forgotten %d messages that were not synced", w.log.First-c), again + "; and raise the topic's retention"
	case c > w.log.Last:
		return fmt.Sprintf("the topic ends before that: it has lost %d messages that it had acknowledged, or was made anew", c-w.log.Last), again
	case w.unread != nil && w.cursor == nil:
		return w.unread.Error(), "consumer watermark set --to OFFSET " + target
	case w.unread != nil:
		return w.unread.Error(), restore
	default:
		return "", ""
	}
}

func (w *watermark) foreign() bool {
	return w.cursor != nil && w.cursor.Group != "" && w.cursor.Group != w.group
}

// remedy is a commit that mends a partition, and what is to be known of it.
type remedy struct {
	*watermark
	offset int64
	// lost is how many messages are known to be gone, unsynced; passed how many are left out.
	lost, passed int64
	commit       kafkaclient.Commit
	why          string
}

var errNoCursor = errors.New("sync_cursors has nothing of it: see consumer watermark set")

// restored is the watermark as sync_cursors has it, or else where the topic begins. From there on the worker looks what
// is in the target before it inserts.
func (w *watermark) restored() (r remedy, err error) {
	r = remedy{watermark: w}
	switch c := w.committed.Offset; {
	case w.recreated(), c > w.log.Last:
		r.offset, r.why = w.log.First, "the topic's first, since it is not the topic of before"
	case c >= 0 && w.unread == nil:
		r.offset, r.lost, r.why = w.log.First, w.log.First-c, "the topic's first: what was before is gone"
	case w.cursor == nil:
		return r, errNoCursor
	case w.cursor.Offset > w.log.Last:
		r.offset, r.why = w.log.First, "the topic's first, since the topic ends before the offset of sync_cursors"
	case w.cursor.Offset < w.log.First:
		r.offset, r.lost, r.why = w.log.First, w.log.First-w.cursor.Offset, "the topic's first: what was before is gone"
	default:
		r.offset, r.why = w.cursor.Offset, "of sync_cursors"
	}
	return r, nil
}

// fill makes the commit of the remedy: everything from its offset to the topic's present end may be in the target.
func (m *mender) fill(ctx context.Context, r *remedy) error {
	position, err := m.before(ctx, r)
	if err != nil {
		return err
	}
	w := partition.Watermark{TopicID: r.topicID, Position: position}
	end := r.log.Last
	if r.unread == nil && !r.recreated() {
		w.Floor, end = r.is.Floor, max(end, r.is.Unsure)
	}
	if end > r.offset {
		w.Unsure = end
	}
	r.commit = kafkaclient.Commit{Offset: r.offset, Metadata: w.Metadata()}
	return nil
}

const (
	// lookAhead is how many messages are read for the first with a position: the others are a snapshot's.
	lookAhead = 100_000
	// lookBack is how many are where none follow.
	lookBack = 10_000
)

var errFound = errors.New("found")

// before is the position that was published to the partition before the remedy's offset: the one that the first message
// from there on names. Where none follows yet, it is the greatest behind, as far as sync_cursors says that it was reached.
func (m *mender) before(ctx context.Context, r *remedy) (position change.Position, err error) {
	var d codec.Decoder
	var message codec.Message
	positioned := func(record *kafkaclient.Record) bool {
		v := record.Value
		return len(v) > 0 && v[0] != '{' && d.Decode(v, &message) == nil && !message.Position.IsZero()
	}
	err = m.client.Read(ctx, r.topic, r.partition, r.offset, min(r.log.Last, r.offset+lookAhead), func(record *kafkaclient.Record) error {
		if positioned(record) {
			position = message.Previous
			return errFound
		}
		return nil
	})
	if err != nil {
		if errors.Is(err, errFound) {
			err = nil
		}
		return position, err
	}
	err = m.client.Read(ctx, r.topic, r.partition, max(r.log.First, r.offset-lookBack), r.offset, func(record *kafkaclient.Record) error {
		if positioned(record) && message.Position.Compare(position) > 0 && (r.cursor == nil || uint64(message.Position.Commit) <= r.cursor.LSN) {
			position = message.Position
		}
		return nil
	})
	return position, err
}
