package migrate

import (
	"errors"
	"fmt"
	"strings"

	"eventsync/pkg/change"
)

// Admission is what the policies say of a relation that a worker has met.
type Admission struct {
	// Alter is what is to be run before the relation's changes can be inserted.
	Alter []Step
	// Stop is why they cannot be inserted at all; nil if they can.
	Stop error
	// Suspects are target columns that the relation lacks, where the policy is to stop: it depends on the newest
	// relation whether they are gone, or were not there yet.
	Suspects []string
}

// Admit compares a relation with the target, by the table's policies. Whatever those are, a target that would lose rows is
// no target.
func Admit(t Target, r *change.Relation, there *Table) Admission {
	var a Admission
	var stops []error
	if lost := collapsing(r, there); len(lost) > 0 {
		stops = append(stops, stopped(t, r, "the target replaces rows of the same %s, which lacks %s of the source's key, so that different rows would become one: see consumer check",
			there.SortingKey, strings.Join(lost, ", ")))
	}
	for i := range r.Columns {
		c := &r.Columns[i]
		var p Plan
		p.column(&t, c, there)
		switch have := there.column(c.Name); {
		case have == nil && t.OnNewColumn == "stop" && !own(c.Name) && c.Type != change.TypeUnknown:
			stops = append(stops, stopped(t, r, "column %s is new at the source (on_new_column: stop): run consumer migrate --apply, or set on_new_column: add or ignore", c.Name))
		case have == nil && t.OnNewColumn != "add": // left out
		case have != nil && len(p.Steps) > 0 && t.OnChangedType != "widen":
			stops = append(stops, stopped(t, r, "column %s is %s, which does not hold the source's %s: run consumer migrate --apply, or set on_changed_type: widen", c.Name, have.Type, c.SourceType))
		default:
			a.Alter = append(a.Alter, p.Steps...)
			for _, f := range p.Problems {
				stops = append(stops, stopped(t, r, "%v", f))
			}
		}
	}
	if t.OnDroppedColumn == "stop" {
		a.Suspects = orphans(r, there)
	}
	a.Stop = errors.Join(stops...)
	return a
}

// Dropped says which of the suspects the newest relation lacks too: they are gone from the source.
func Dropped(t Target, newest *change.Relation, suspects []string) error {
	var stops []error
	for _, name := range suspects {
		if newest.Column(name) < 0 {
			stops = append(stops, stopped(t, newest, "column %s is no longer at the source (on_dropped_column: stop): drop it (ALTER TABLE %s DROP COLUMN %s), or set on_dropped_column: keep",
				name, t.qualified(), identifier(name)))
		}
	}
	return errors.Join(stops...)
}

func stopped(t Target, r *change.Relation, format string, args ...any) error {
	return fmt.Errorf("source %s, target %s: %s", r.Name(), t.TargetName(), fmt.Sprintf(format, args...))
}
