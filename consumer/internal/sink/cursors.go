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
	tables := new(proto.ColStr).LowCardinality()
	var partitions proto.ColUInt32
	var offsets, complete, lsns proto.ColUInt64
	at := new(proto.ColDateTime64).WithPrecision(proto.PrecisionMicro)
	for _, c := range cursors {
		tables.Append(c.Table)
		partitions.Append(uint32(c.Partition)) //nolint:gosec // G115: Kafka's partitions are fewer
		offsets.Append(uint64(c.Offset))       //nolint:gosec // G115: a committed offset is not negative
		complete.Append(uint64(c.Complete))    //nolint:gosec // G115: nor is this
		lsns.Append(c.LSN)
		at.Append(c.At)
	}
	return proto.Input{
		{Name: "table_name", Data: tables},
		{Name: "partition", Data: &partitions},
		{Name: "offset", Data: &offsets},
		{Name: "complete_offset", Data: &complete},
		{Name: "source_lsn", Data: &lsns},
		{Name: "recorded_at", Data: at},
	}
}
