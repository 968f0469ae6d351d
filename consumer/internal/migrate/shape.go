package migrate

import (
	"slices"
	"strings"

	"eventsync/pkg/change"
)

// shape finds what no ALTER mends: the engine, its arguments, and the sorting key.
func (p *Plan) shape(t *Target, r *change.Relation, there *Table) {
	again := "rename the table away (RENAME TABLE " + t.qualified() + " TO ...), run consumer migrate --apply, then producer snapshot " + t.Source
	switch there.family() {
	case "ReplacingMergeTree":
		p.replacing(t, there, again)
	case "MergeTree": // keeps every change, or what is only appended
		return
	default:
		p.refuse(again, "table %s has the engine %s, which makes other rows of those that are inserted: insert into a MergeTree, and let a materialized view feed this one", t.TargetName(), there.Engine)
		return
	}
	key := keys(r)
	if len(key) == 0 {
		p.refuse(again, "table %s replaces rows of the same %s, and source %s has no key", t.TargetName(), there.SortingKey, r.Name())
		return
	}
	if missing := collapsing(r, there); len(missing) > 0 {
		p.refuse(again, "table %s replaces rows of the same %s, which lacks %s of the source's key: different rows become one", t.TargetName(), there.SortingKey, strings.Join(missing, ", "))
	}
	if more := without(sortingInputs(there), key); len(more) > 0 {
		p.refuse(again, "table %s replaces rows of the same %s, and %s is not of the source's key (%s): a row whose %s changes is there twice",
			t.TargetName(), there.SortingKey, strings.Join(more, ", "), strings.Join(key, ", "), more[0])
	}
}

// collapsing are the key's columns by which the target does not tell rows apart.
func collapsing(r *change.Relation, there *Table) []string {
	if !there.replacing() {
		return nil
	}
	return without(keys(r), sortingColumns(there))
}

// replacing looks at the engine's arguments, which say which of a key's rows is the latest, and whether it is deleted.
func (p *Plan) replacing(t *Target, there *Table, again string) {
	if t.AppendOnly && there.Arguments == "" {
		return // of the same row twice one is kept, whichever
	}
	switch there.Arguments {
	case versionColumn + ", " + deletedColumn:
	case versionColumn:
		if !t.AppendOnly {
			p.refuse(again, "table %s has the engine %s(%s) without %s: deleted rows stay visible", t.TargetName(), there.Engine, there.Arguments, deletedColumn)
		}
	default:
		p.refuse(again, "table %s has the engine %s(%s): the latest row is the one with the greatest %s, as in ReplacingMergeTree(%s, %s)",
			t.TargetName(), there.Engine, there.Arguments, versionColumn, versionColumn, deletedColumn)
	}
}

// without are those of names that are not among others.
func without(names, others []string) (rest []string) {
	for _, n := range names {
		if !slices.Contains(others, n) {
			rest = append(rest, n)
		}
	}
	return rest
}
