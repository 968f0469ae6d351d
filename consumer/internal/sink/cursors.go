package sink

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

const cursorsTable = "sync_cursors"

// Cursor is how far one partition of a table's topic is synced.
type Cursor struct {
	Table     string
	Partition int
	// Group is the consumer group that syncs the table.
	Group string
	// TopicID is that of the topic which the offsets are of; "" where the broker has none.
	TopicID string
	// Offset is the watermark, and Complete the offset before which everything is in the table.
	Offset, Complete int64
	// LSN is of the last change before Offset.
	LSN uint64
	// At is when Offset was committed.
	At time.Time
}

// WriteCursors inserts the cursors into sync_cursors, as one block and once on each shard that has their rows. Cursors
// that were not written are made up for by later ones.
func (s *Sink) WriteCursors(ctx context.Context, cursors []Cursor) error {
	of := map[*Server][]Cursor{}
	for _, c := range cursors {
		server := s.Server(c.Partition)
		of[server] = append(of[server], c)
	}
	var errs []error
	for server, cursors := range of {
		errs = append(errs, server.Insert(ctx, cursorsTable, rand.Text(), cursorsBlock(cursors)))
	}
	return errors.Join(errs...)
}

func cursorsBlock(cursors []Cursor) proto.Input {
	tables, groups, topics := new(proto.ColStr).LowCardinality(), new(proto.ColStr).LowCardinality(), new(proto.ColStr).LowCardinality()
	var partitions proto.ColUInt32
	var offsets, complete, lsns proto.ColUInt64
	at := new(proto.ColDateTime64).WithPrecision(proto.PrecisionMicro)
	for _, c := range cursors {
		tables.Append(c.Table)
		groups.Append(c.Group)
		topics.Append(c.TopicID)
		partitions.Append(uint32(c.Partition)) //nolint:gosec // G115: Kafka's partitions are fewer
		offsets.Append(uint64(c.Offset))       //nolint:gosec // G115: a committed offset is not negative
		complete.Append(uint64(c.Complete))    //nolint:gosec // G115: nor is this
		lsns.Append(c.LSN)
		at.Append(c.At)
	}
	return proto.Input{
		{Name: "table_name", Data: tables},
		{Name: "partition", Data: &partitions},
		{Name: "consumer_group", Data: groups},
		{Name: "topic_id", Data: topics},
		{Name: "offset", Data: &offsets},
		{Name: "complete_offset", Data: &complete},
		{Name: "source_lsn", Data: &lsns},
		{Name: "recorded_at", Data: at},
	}
}

// ReadCursors gives the newest cursor of each partition of a table, by partition. There are none where the table
// sync_cursors is not there.
func (s *Sink) ReadCursors(ctx context.Context, table string) (map[int]Cursor, error) {
	found := map[int]Cursor{}
	for _, server := range s.Servers() {
		there, err := server.Definition(ctx, cursorsTable)
		if err == nil && there != nil {
			err = server.readCursors(ctx, table, found)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// readCursors adds those that the server has, unless there are newer ones.
func (s *Server) readCursors(ctx context.Context, table string, found map[int]Cursor) error {
	groups, topics := new(proto.ColStr), new(proto.ColStr)
	var partitions proto.ColUInt32
	var offsets, complete, lsns proto.ColUInt64
	var at proto.ColInt64
	const newest = "SELECT partition, argMax(toString(consumer_group), recorded_at) AS g, argMax(toString(topic_id), recorded_at) AS i, argMax(offset, recorded_at) AS o, " +
		"argMax(complete_offset, recorded_at) AS c, argMax(source_lsn, recorded_at) AS l, toUnixTimestamp64Micro(max(recorded_at)) AS t " +
		"FROM " + cursorsTable + " WHERE table_name = "
	result := proto.Results{
		{Name: "partition", Data: &partitions},
		{Name: "g", Data: groups},
		{Name: "i", Data: topics},
		{Name: "o", Data: &offsets},
		{Name: "c", Data: &complete},
		{Name: "l", Data: &lsns},
		{Name: "t", Data: &at},
	}
	return s.Select(ctx, newest+literal(table)+" GROUP BY partition", result, func(rows int) error {
		for i := range rows {
			c := Cursor{
				Table: table, Partition: int(partitions.Row(i)), Group: groups.Row(i), TopicID: topics.Row(i),
				Offset: int64(offsets.Row(i)), Complete: int64(complete.Row(i)), //nolint:gosec // G115: Kafka's offsets
				LSN: lsns.Row(i), At: time.UnixMicro(at.Row(i)).UTC(),
			}
			if have, ok := found[c.Partition]; !ok || have.At.Before(c.At) {
				found[c.Partition] = c
			}
		}
		return nil
	})
}
