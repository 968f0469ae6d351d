package batch

import (
	"slices"

	"eventsync/pkg/change"
)

// identity says by which columns a row of the target is known to be one of the batch's.
type identity struct {
	steps   []int // of the plan
	version int   // the step that fills _version; -1: none does
	// newer says that a row with the same columns and a greater version stands for this one, which a merge may have taken.
	// Otherwise the version must be the same, and a row of the target stands for one row only.
	newer bool
}

// newIdentity takes the columns of the relation's key. Without a key, or where the target lacks a part of it, all columns
// are taken that give their bytes back, which a JSON does not.
func newIdentity(r *change.Relation, t *Target, steps []step) identity {
	d := identity{version: -1}
	keys := 0
	for i := range steps {
		s := &steps[i]
		switch {
		case s.source == fromVersion:
			d.version = i
		case s.source >= 0 && r.Columns[s.source].Key && t.columns[s.name].stored:
			d.steps = append(d.steps, i)
			keys++
		}
	}
	for i := range r.Columns {
		if r.Columns[i].Key {
			keys--
		}
	}
	if keys == 0 && len(d.steps) > 0 {
		d.newer = t.replacing
		return d
	}
	d.steps = d.steps[:0]
	for i := range steps {
		if i != d.version && t.columns[steps[i].name].stored && steps[i].typ.base != jsonType {
			d.steps = append(d.steps, i)
		}
	}
	return d
}

func (d *identity) equal(other *identity) bool {
	return d.newer == other.newer && slices.Equal(d.steps, other.steps)
}
