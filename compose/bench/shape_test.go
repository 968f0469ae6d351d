package main

import (
	"strings"
	"testing"

	"eventsync/pkg/change"
)

// The relation, the rows, the bare loop's columns and the target agree about what the columns are.
func TestShapes(t *testing.T) {
	for _, s := range []shape{2, 9, 40, 200} {
		r := s.relation()
		var c change.Change
		s.change(1, &c)
		in := newColumns(s).input()
		if len(r.Columns) != int(s) || len(c.Values) != int(s) || len(in) != int(s)+2 {
			t.Fatalf("%d columns: %d in the relation, %d in a row, %d inserted", s, len(r.Columns), len(c.Values), len(in))
		}
		ddl, err := s.ddl("target")
		if err != nil || !strings.Contains(ddl, " target") {
			t.Errorf("%d columns: %v: %s", s, err, ddl)
		}
		names := map[string]bool{}
		for i, column := range r.Columns {
			if column.Name != in[i].Name || names[column.Name] {
				t.Errorf("%d columns: column %d is %s in the relation and %s in the block, where it is alone: %v", s, i, column.Name, in[i].Name, !names[column.Name])
			}
			names[column.Name] = true
			if !strings.Contains(ddl, column.Name+" ") {
				t.Errorf("%d columns: the target has no %s", s, column.Name)
			}
			if column.Key != (i == 0) {
				t.Errorf("%d columns: %s is in the key: %v", s, column.Name, column.Key)
			}
		}
	}
}

func TestBareColumnsGrowTogether(t *testing.T) {
	for _, s := range []shape{1, 2, 9, 10, 40} {
		c := newColumns(s)
		e := newEvent(7)
		c.append(&e)
		c.append(&e)
		for _, in := range c.input() {
			if in.Data.Rows() != 2 {
				t.Errorf("%d columns: %s has %d rows, want 2", s, in.Name, in.Data.Rows())
			}
		}
		c.reset()
		if n := c.version.Rows(); n != 0 {
			t.Errorf("%d columns: %d rows after a reset", s, n)
		}
	}
}

func TestRowsOf(t *testing.T) {
	for columns, want := range map[int]int{2: 1_000_000, 9: 1_000_000, 40: 225_000, 200: 200_000} {
		if got := rowsOf(1_000_000, columns); got != want {
			t.Errorf("%d rows of %d columns, want %d", got, columns, want)
		}
	}
}
