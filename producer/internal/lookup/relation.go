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

// size is how many values the change has with its joined columns, before and after it.
func (r *relation) size(c *change.Change) int {
	n := 0
	for _, values := range [][]change.Value{c.Values, c.Before} {
		if len(values) > 0 {
			n += len(values) + len(r.columns)
		}
	}
	return n
}

// role is what a relation is to us.
type role struct {
	joined  *relation // nil where no columns are joined in
	watches []watch
	hidden  bool // it is streamed because it is watched, and for nothing else
}

// role finds the relation's role, without a look at the server for one that was seen before.
func (l *Lookup) role(ctx context.Context, r *change.Relation) (*role, error) {
	if r == l.lastRelation {
		return l.lastRole, nil
	}
	known, ok := l.roles[r]
	if !ok {
		known = &role{}
		var err error
		if known.watches, err = l.watchesOf(r); err != nil {
			return nil, err
		}
		known.hidden = len(known.watches) > 0 && !l.configured[r.Name()]
		if known.joined, err = l.join(ctx, r); err != nil {
			return nil, err
		}
		l.roles[r] = known
	}
	l.lastRelation, l.lastRole = r, known
	return known, nil
}

// join gives the joined form of a relation, nil where it has none.
func (l *Lookup) join(ctx context.Context, r *change.Relation) (*relation, error) {
	columns := l.tables[r.Name()]
	if len(columns) == 0 {
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
		c.shape(r, keys)
		t, err := c.describe(ctx, l.session, l.types)
		if err != nil {
			return nil, fmt.Errorf("look up %s.%s: %w", r.Name(), c.name, err)
		}
		if err := c.survey(ctx, l.session, l.log); err != nil {
			return nil, fmt.Errorf("look up %s.%s: %w", r.Name(), c.name, err)
		}
		j.keys = append(j.keys, keys)
		j.joined.Columns = append(j.joined.Columns, t.Column(c.name, false))
	}
	return j, nil
}
