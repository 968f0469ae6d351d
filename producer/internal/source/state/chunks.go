package state

import (
	"context"

	"github.com/jackc/pgx/v5"

	"eventsync/producer/internal/source"
)

// Chunk is a part of a table's snapshot: pages of one relation, the table itself or one of its partitions.
type Chunk struct {
	Relation uint32 // OID
	// Filenode is the file that the pages are of: a rewrite of the table moves its rows to others, and is in another file.
	Filenode uint32
	Page     int64 // the first
	Rows     int64
}

// Chunks gives the parts that are in Kafka of a snapshot that was interrupted.
func (s *Store) Chunks(ctx context.Context, table source.Name, round int64) ([]Chunk, error) {
	var chunks []Chunk
	err := s.read(ctx, "read eventsync.chunks", func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT relation, filenode, page, rows FROM eventsync.chunks WHERE slot = $1 AND source = $2 AND round = $3",
			s.slot, table.String(), round)
		if err != nil {
			return err
		}
		chunks, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Chunk])
		return err
	})
	return chunks, err
}

// Plan remembers how many parts a table's snapshot has, and forgets those that were read of files that are gone.
func (s *Store) Plan(ctx context.Context, table source.Name, round, chunks int64, filenodes []uint32) error {
	return s.with(ctx, "write eventsync.progress", func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "DELETE FROM eventsync.chunks WHERE slot = $1 AND source = $2 AND (round < $3 OR filenode <> ALL ($4))",
			s.slot, table.String(), round, filenodes); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "UPDATE eventsync.progress SET chunks = $4, updated_at = now() WHERE slot = $1 AND source = $2 AND round = $3",
			s.slot, table.String(), round, chunks)
		return err
	})
}

// FinishChunks remembers that these parts of a table are in Kafka.
func (s *Store) FinishChunks(ctx context.Context, table source.Name, round int64, chunks []Chunk) error {
	return s.with(ctx, "write eventsync.chunks", func(conn *pgx.Conn) error {
		batch := &pgx.Batch{}
		for _, c := range chunks {
			batch.Queue(`INSERT INTO eventsync.chunks (slot, source, round, relation, filenode, page, rows) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT DO NOTHING`, s.slot, table.String(), round, c.Relation, c.Filenode, c.Page, c.Rows)
		}
		return conn.SendBatch(ctx, batch).Close()
	})
}
