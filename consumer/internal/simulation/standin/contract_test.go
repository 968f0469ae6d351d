package standin

import (
	"context"
	"errors"
	"testing"
	"time"

	"eventsync/consumer/internal/sink/sinktest"
	"eventsync/pkg/change"
)

// asked is the table as the suite asks it.
type asked struct{ *Table }

var errNoRows = errors.New("the block has no rows")

func (a asked) Insert(_ context.Context, token string, rows []sinktest.Row) error {
	if len(rows) == 0 {
		return errNoRows
	}
	own := make([]Row, len(rows))
	for i, r := range rows {
		own[i] = Row(r)
	}
	a.Table.Insert(token, own, nil)
	return nil
}

func (a asked) Has(_ context.Context, r sinktest.Row) (int, error) { return a.Table.Has(Row(r)), nil }

func (a asked) Seen(_ context.Context, r sinktest.Row) (int, error) {
	return a.Table.Seen(Row(r)), nil
}

func (a asked) Remembers(_ context.Context, since time.Time) (bool, error) {
	return a.Table.Remembers(since), nil
}

func (a asked) DeleteBelow(_ context.Context, v change.Version) error {
	a.Table.DeleteBelow(v)
	return nil
}

// The stand-in does what the engine does, which is held to the same suite.
func TestContract(t *testing.T) {
	sinktest.Run(t, func(_ *testing.T, window int) sinktest.Table { return asked{New(window)} })
}
