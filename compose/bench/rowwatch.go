package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// rowWatch asks ClickHouse all the time for the rows that it has not seen, and so knows when each became visible.
type rowWatch struct {
	first  int64
	at     []time.Time // by id, from the first; zero: not yet
	behind int         // all rows before it were seen
	left   int

	done chan struct{}
	err  error
}

// rowsEvery is how often it asks. What it says is never too early: a row is seen when the answer with it has come.
const rowsEvery = 5 * time.Millisecond

// watchRows watches so many rows of a table until all have been seen.
func watchRows(ctx context.Context, address, table string, first int64, rows int) *rowWatch {
	w := &rowWatch{first: first, at: make([]time.Time, rows), left: rows, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		w.err = w.watch(ctx, address, table)
	}()
	return w
}

func (w *rowWatch) wait() ([]time.Time, error) {
	<-w.done
	return w.at, w.err
}

func (w *rowWatch) watch(ctx context.Context, address, table string) error {
	click, err := ch.Dial(ctx, ch.Options{Address: address})
	if err != nil {
		return err
	}
	defer click.Close() //nolint:errcheck // it was only asked
	tick := time.NewTicker(rowsEvery)
	defer tick.Stop()
	for {
		var ids []uint64
		var id proto.ColUInt64
		err := click.Do(ctx, ch.Query{
			Body:   fmt.Sprintf("SELECT id FROM %s WHERE id >= %d", table, w.first+int64(w.behind)),
			Result: proto.Results{{Name: "id", Data: &id}},
			OnResult: func(context.Context, proto.Block) error {
				ids = append(ids, id...)
				return nil
			},
		})
		if err != nil {
			return err
		}
		if w.note(ids, time.Now()) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// note takes an answer, and reports whether all rows have been seen.
func (w *rowWatch) note(ids []uint64, now time.Time) bool {
	for _, id := range ids {
		i := int64(id) - w.first
		if i >= 0 && i < int64(len(w.at)) && w.at[i].IsZero() {
			w.at[i] = now
			w.left--
		}
	}
	for w.behind < len(w.at) && !w.at[w.behind].IsZero() {
		w.behind++
	}
	return w.left == 0
}

// lastBlock is the number of the table's last block: there is one more with each insert.
func lastBlock(ctx context.Context, click *ch.Client, table string) (int64, error) {
	var n proto.ColInt64
	err := click.Do(ctx, ch.Query{
		Body:   "SELECT max(max_block_number) AS n FROM system.parts WHERE database = currentDatabase() AND table = '" + table + "'",
		Result: proto.Results{{Name: "n", Data: &n}},
	})
	if err != nil {
		return 0, err
	}
	return n.Row(0), nil
}
