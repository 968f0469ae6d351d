package snapshot

import (
	"context"

	"go.uber.org/zap"

	"eventsync/producer/internal/source/state"
)

// ledger notes which chunks are in Kafka. Connections do not wait for it: what was published while it waited for the
// chunks before is waited for, and noted, together.
type ledger struct {
	tables     []*table
	publisher  Publisher
	remembered *state.Store
	log        *zap.Logger
	given      chan given // has room for all chunks
}

// given is a chunk that was given to the Publisher.
type given struct {
	chunk chunk
	rows  int64
}

func newLedger(tables []*table, publisher Publisher, remembered *state.Store, log *zap.Logger) *ledger {
	l := &ledger{tables: tables, publisher: publisher, remembered: remembered, log: log}
	count := 0
	for _, t := range tables {
		count += len(t.chunks)
	}
	l.given = make(chan given, count)
	return l
}

// published says that all of a chunk was given to the Publisher.
func (l *ledger) published(c chunk, rows int64) { l.given <- given{c, rows} }

// keep runs until everything is noted.
func (l *ledger) keep(ctx context.Context) error {
	for _, t := range l.tables {
		if len(t.chunks) == 0 {
			if err := l.done(ctx, t); err != nil {
				return err
			}
		}
	}
	for left := cap(l.given); left > 0; {
		select {
		case first := <-l.given:
			batch := append([]given{first}, l.waiting()...)
			if err := l.note(ctx, batch); err != nil {
				return err
			}
			left -= len(batch)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// waiting takes what was published meanwhile.
func (l *ledger) waiting() (more []given) {
	for {
		select {
		case g := <-l.given:
			more = append(more, g)
		default:
			return more
		}
	}
}

// note waits until chunks are in Kafka, and remembers it.
func (l *ledger) note(ctx context.Context, batch []given) error {
	if err := l.publisher.Flush(ctx); err != nil {
		return publishError(ctx, err)
	}
	safe := map[*table][]state.Chunk{}
	for _, g := range batch {
		t := g.chunk.table
		safe[t] = append(safe[t], g.chunk.remembered(g.rows))
	}
	for t, chunks := range safe {
		if err := l.remembered.FinishChunks(ctx, t.Name, t.round, chunks); err != nil {
			return err
		}
		if t.chunksSafe.Add(int64(len(chunks))) < t.chunkCount {
			continue
		}
		if err := l.done(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) done(ctx context.Context, t *table) error {
	if err := l.remembered.Done(ctx, t.Name, t.round); err != nil {
		return err
	}
	t.end()
	t.log(l.log, "the snapshot of a table is done")
	return nil
}
