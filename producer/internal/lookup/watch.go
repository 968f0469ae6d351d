package lookup

import (
	"fmt"
	"slices"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// watched is a table that a lookup reads.
type watched struct {
	column *column
	name   string // of the table's column that holds a part of the lookup's key; "" for none
	part   int    // which of the column's cache.parts
}

// watch has a column's answers evicted by the changes of the tables that its SQL reads.
func (l *Lookup) watch(c *column, tables []config.Watch) {
	for _, t := range tables {
		w := watched{column: c, name: t.Column}
		if t.Column != "" {
			w.part = c.cache.index(slices.Index(c.keys, t.Key)) // config has checked that it is one
		}
		name := source.ParseName(t.Source).String()
		l.watches[name] = append(l.watches[name], w)
	}
}

// watch is a watched table's relation.
type watch struct {
	watched
	at     int // the column among the relation's; -1 for none
	typ    change.Type
	family string
	inKey  bool // it belongs to the replica identity: an update that does not have its old value did not change it
}

// watchesOf gives what the changes of a relation evict.
func (l *Lookup) watchesOf(r *change.Relation) ([]watch, error) {
	var all []watch
	for _, w := range l.watches[r.Name()] {
		at := -1
		if w.name != "" {
			if at = r.Column(w.name); at < 0 {
				return nil, &source.Refusal{
					Problem: fmt.Sprintf("table %s has no column %q, which the lookup of %q watches", r.Name(), w.name, w.column.name),
					Fix:     "name the table's column that holds the lookup's key in the config, or watch all of the table",
				}
			}
		}
		one := watch{watched: w, at: at}
		if at >= 0 {
			column := &r.Columns[at]
			one.typ, one.family, one.inKey = column.Type, family(column), column.Key
		}
		all = append(all, one)
	}
	return all, nil
}

// evict forgets the answers that the change may have made wrong: those of the keys that it is about, before and after
// it, and all where it cannot be told which those are.
func (w *watch) evict(c *change.Change) {
	column := w.column
	if column.cache.len() == 0 {
		return
	}
	if !w.tellsKeys(c) {
		column.evicted(column.cache.clear())
		return
	}
	w.evictKey(&c.Values[w.at])
	if c.Before != nil {
		w.evictKey(&c.Before[w.at])
	}
}

// tellsKeys reports whether the change has every value that the watched column had and has.
func (w *watch) tellsKeys(c *change.Change) bool {
	switch {
	case w.at < 0, len(c.Values) == 0, w.family == "", w.family != w.column.families[w.column.cache.parts[w.part]]:
		return false
	case c.Values[w.at].Kind == change.Unavailable:
		return false
	case c.Op != change.Update:
		return true
	case c.Before == nil:
		return w.inKey
	default:
		return c.Before[w.at].Kind != change.Unavailable
	}
}

func (w *watch) evictKey(v *change.Value) {
	c := w.column
	c.key = appendPart(c.key[:0], w.typ, v)
	c.evicted(c.cache.evict(w.part, c.key))
}
