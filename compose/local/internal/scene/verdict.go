package scene

import (
	"context"
	"errors"

	"eventsync/compose/local/compare"
)

// ErrDifferent says that the tables of a comparison are not equal.
var ErrDifferent = errors.New("the tables are not equal")

// Compare compares every table row for row.
func (s *Scene) Compare(ctx context.Context, tables []compare.Table) error {
	equal := true
	for _, t := range tables {
		r, err := t.Run(ctx, s.Postgres, s.Click)
		if err != nil {
			return err
		}
		if r.Equal {
			s.Say("  %-18s %9s rows, equal row for row", t.Source, Count(int64(r.Rows)))
			continue
		}
		equal = false
		s.Say("  %-18s DIFFERENT: %s", t.Source, r.Diff)
	}
	if !equal {
		return ErrDifferent
	}
	s.Say("every table is equal")
	return nil
}
