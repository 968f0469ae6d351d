package snapshot

import (
	"context"
	"slices"

	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// plan describes the snapshot's tables, locks their partitions too, and says which chunks are to be read: those that are
// not in Kafka yet.
func (s *Snapshotter) plan(ctx context.Context, workers []*worker, snapshot *source.Snapshot, remembered *state.Store) ([]*table, error) {
	first := workers[0]
	types := source.NewTypes(first.session)
	tables := make([]*table, 0, len(snapshot.Tables))
	var partitions []string
	for _, due := range snapshot.Tables {
		described, err := source.Describe(ctx, first.session, types, due.Name, snapshot.Publications)
		if err != nil {
			return nil, err
		}
		t := &table{Table: described, round: due.Round, binary: described.Binary()}
		if t.parts, err = findParts(ctx, first.conn, described); err != nil {
			return nil, err
		}
		for _, p := range t.parts {
			if p.oid != t.OID && !p.whole {
				partitions = append(partitions, p.sql)
			}
		}
		tables = append(tables, t)
	}
	for _, w := range workers {
		if err := w.lock(ctx, partitions); err != nil {
			return nil, err
		}
	}
	for _, t := range tables {
		if err := measure(ctx, first.conn, t.parts); err != nil {
			return nil, err
		}
		if err := t.resume(ctx, s.chunkPages, remembered); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// resume leaves out the chunks that are in Kafka already, of the files that the table has now.
func (t *table) resume(ctx context.Context, chunkPages int64, remembered *state.Store) error {
	before, err := remembered.Chunks(ctx, t.Name, t.round)
	if err != nil {
		return err
	}
	safe := map[state.Chunk]int64{}
	for _, c := range before {
		rows := c.Rows
		c.Rows = 0
		safe[c] = rows
	}
	var filenodes []uint32
	for _, p := range t.parts {
		if !slices.Contains(filenodes, p.filenode) {
			filenodes = append(filenodes, p.filenode)
		}
		for _, c := range t.cut(p, chunkPages) {
			t.chunkCount++
			t.pages += c.size()
			rows, isSafe := safe[c.id()]
			if !isSafe {
				t.chunks = append(t.chunks, c)
				continue
			}
			t.rowsBefore += rows
			t.pagesBefore += c.size()
		}
	}
	t.chunksSafe.Store(t.chunkCount - int64(len(t.chunks)))
	return remembered.Plan(ctx, t.Name, t.round, t.chunkCount, filenodes)
}
