package replication

import (
	"context"
	"fmt"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source/pgvalue"
)

// An update leaves out the TOASTed values that it did not change. Where no old tuple has them, they are read from the
// table: not row by row, but for all rows of a batch at once, when it is about to be published.

// rowReader reads values that the stream left out.
type rowReader interface {
	// read fills in what a fetch asks for, as it is now. That it may be newer than the change does no harm: whatever made
	// it newer follows in the stream. It may end early, with more than limit bytes, but not before the first key's row.
	read(ctx context.Context, f *fetch, memory *pgvalue.Decoder, limit int) error
}

const (
	// fetchLimit is about how many bytes are fetched, and so kept in memory, at once; one row may be more.
	fetchLimit = 8 << 20
	// firstFetch is how many rows are asked for at first, mostFetch how many at most: what a fetch has asked for in vain
	// must be read all the same.
	firstFetch = 64
	mostFetch  = 1024
)

// incomplete is a row of the batch of which values are missing.
type incomplete struct {
	change   int // the index of its first change
	relation *relation
	values   []change.Value
	key      []field // none where the row cannot be found
}

// missing notes a row that is about to be added. Its key is the new one, whose own TOASTed parts may stand in the old
// tuple only.
func (d *decoder) missing(r *relation, values []change.Value, newTuple, oldTuple []byte) {
	if len(r.key) == 0 {
		return
	}
	d.fields = appendFields(d.fields[:0], newTuple)
	if oldTuple != nil {
		d.fields = appendFields(d.fields, oldTuple)
	}
	key := make([]field, 0, len(r.key))
	for _, i := range r.key {
		f := d.fields[i]
		if f.kind == columnUnchanged && oldTuple != nil {
			f = d.fields[len(r.types)+i]
		}
		if f.kind != columnBinary && f.kind != columnText {
			return
		}
		key = append(key, f)
	}
	d.incomplete = append(d.incomplete, incomplete{len(d.changes), r, values, key})
}

// next gives the batch's next changes, with all values that can be had, until there are none. They live until next is
// called again.
func (d *decoder) next(ctx context.Context) ([]change.Change, error) {
	from := d.given
	d.given = len(d.changes)
	if d.completed < len(d.incomplete) {
		if err := d.complete(ctx); err != nil {
			return nil, err
		}
		if d.completed < len(d.incomplete) {
			d.given = d.incomplete[d.completed].change
		}
	}
	return d.changes[from:d.given], nil
}

// complete fills in what the next rows miss: of as many as fit.
func (d *decoder) complete(ctx context.Context) error {
	d.fetched.Reset()
	rows := d.incomplete[d.completed:]
	rows = rows[:min(len(rows), d.fetchRows)]
	var fetches fetches
	for i := range rows {
		fetches.add(&rows[i])
	}
	left, all := fetchLimit, true
	for _, f := range fetches.inOrder {
		before := d.fetched.Size()
		if err := d.rows.read(ctx, f, &d.fetched, left); err != nil {
			return fmt.Errorf("read unchanged values of %s that the stream leaves out: %w", f.relation.name, err)
		}
		left = max(1, left-(d.fetched.Size()-before))
		all = all && f.read == len(f.keys)
	}
	n := 0
	for n < len(rows) && fetches.of[n].fill(fetches.key[n], rows[n].values) {
		n++
	}
	d.completed += n
	if d.fetchRows = max(1, n); all {
		d.fetchRows = min(2*len(rows), mostFetch)
	}
	return nil
}
