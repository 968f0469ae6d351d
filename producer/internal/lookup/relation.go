package lookup

import (
	"context"
	"fmt"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// relation is a source's relation with the columns that are joined in behind its own.
type relation struct {
	joined  *change.Relation
	columns []*column
	keys    [][]int // of each column: where its keys are among the relation's columns
}

// relation gives the joined form of a relation, nil where it has none.
func (l *Lookup) relation(ctx context.Context, r *change.Relation) (*relation, error) {
	if j, ok := l.joined[r]; ok {
		return j, nil
	}
	columns := l.tables[r.Name()]
	if len(columns) == 0 {
		l.joined[r] = nil
		return nil, nil //nolint:nilnil // most tables have no lookup, and that is no error
	}
	j := &relation{
		joined:  &change.Relation{Schema: r.Schema, Table: r.Table, Columns: append([]change.Column(nil), r.Columns...)},
		columns: columns,
	}
	for _, c := range columns {
		if r.Column(c.name) >= 0 {
			return nil, &source.Refusal{
				Problem: fmt.Sprintf("table %s has a column %q of its own, and a lookup of that name", r.Name(), c.name),
				Fix:     "name the lookup's column otherwise in the config, or take the lookup out",
			}
		}
		keys := make([]int, len(c.keys))
		for i, k := range c.keys {
			if keys[i] = r.Column(k); keys[i] < 0 {
				return nil, &source.Refusal{
					Problem: fmt.Sprintf("table %s has no column %q, which is a key of the lookup of %q", r.Name(), k, c.name),
					Fix:     "name the table's own columns as keys in the config",
				}
			}
		}
		t, err := c.describe(ctx, l.session, l.types)
		if err != nil {
			return nil, fmt.Errorf("look up %s.%s: %w", r.Name(), c.name, err)
		}
		j.keys = append(j.keys, keys)
		j.joined.Columns = append(j.joined.Columns, t.Column(c.name, false))
	}
	l.joined[r] = j
	return j, nil
}
