package demo

import (
	"context"
	"errors"

	"eventsync/compose/local/compare"
)

var errDifferent = errors.New("the tables are not equal")

// compare compares every table row for row.
func (d *demo) compare(ctx context.Context, tables []compare.Table) error {
	equal := true
	for _, t := range tables {
		r, err := t.Run(ctx, d.pg, d.click)
		if err != nil {
			return err
		}
		if r.Equal {
			d.say("  %-18s %9s rows, equal row for row", t.Source, count(int64(r.Rows)))
			continue
		}
		equal = false
		d.say("  %-18s DIFFERENT: %s", t.Source, r.Diff)
	}
	if !equal {
		return errDifferent
	}
	d.say("every table is equal")
	return nil
}
