package migrate

import (
	"fmt"
	"strings"

	"eventsync/pkg/change"
)

func (p *Plan) alter(t *Target, r *change.Relation, there *Table) {
	p.shape(t, r, there)
	if p.ownColumns(t, there); len(p.Problems) == 0 {
		p.index(t, there)
	}
	for i := range r.Columns {
		p.column(t, &r.Columns[i], there)
	}
	p.window(t, there)
	p.dropped(t, r, there)
}

// column adds what is missing, and widens what is too small. A table whose configuration says outright that new columns
// are to be ignored gets none.
func (p *Plan) column(t *Target, c *change.Column, there *Table) {
	if own(c.Name) || c.Type == change.TypeUnknown {
		return // a column of NULL alone tells no type, and fits any
	}
	have := there.column(c.Name)
	switch {
	case have == nil && t.OnNewColumn == "ignore":
		return
	case have == nil:
		p.add(Add, fmt.Sprintf("column %s %s", c.Name, added(c)), addColumn(t, c.Name, added(c)))
		return
	case have.computed():
		return
	}
	typ := parseType(have.Type)
	how := fitOf(c, typ)
	if how == fits {
		return
	}
	wider := widened(c, typ)
	if wider == "" || sortedBy(there, c.Name) {
		p.refuse(byHand(t, c, there), "column %s of table %s is %s, which does not hold the source's %s", c.Name, t.TargetName(), have.Type, c.SourceType)
		return
	}
	p.add(Change, fmt.Sprintf("column %s type %s -> %s", c.Name, have.Type, wider), modifyColumn(t, c.Name, wider))
}

// added is the type of a column of a table that is there: by now no column can join its sorting key.
func added(c *change.Column) string { return "Nullable(" + fitting(c) + ")" }

func addColumn(t *Target, name, typ string) string {
	return fmt.Sprintf("ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s %s", t.qualified(), identifier(name), typ)
}

func modifyColumn(t *Target, name, typ string) string {
	return fmt.Sprintf("ALTER TABLE %s MODIFY COLUMN %s %s", t.qualified(), identifier(name), typ)
}

// byHand says how a column gets a type that nothing alters it to.
func byHand(t *Target, c *change.Column, there *Table) string {
	if sortedBy(there, c.Name) {
		return fmt.Sprintf("no ALTER changes a column of the sorting key: rename the table away (RENAME TABLE %s TO ...), run consumer migrate --apply, then producer snapshot %s",
			t.qualified(), t.Source)
	}
	return fmt.Sprintf("ALTER TABLE %s MODIFY COLUMN %s %s once no partition has messages of the old type to sync, if what is there can be converted; else drop the column, run consumer migrate --apply, then producer snapshot %s",
		t.qualified(), identifier(c.Name), added(c), t.Source)
}

// ownColumns adds what is filled from the change, where the engine does not depend on it.
func (p *Plan) ownColumns(t *Target, there *Table) {
	if there.column(versionColumn) != nil || there.replacing() {
		return // an engine without it is told by shape
	}
	p.add(Add, "column "+versionColumn+" UInt64", addColumn(t, versionColumn, "UInt64"))
}

// index adds the skipping index on the version. Without it recovery is right, and reads more than it must.
func (p *Plan) index(t *Target, there *Table) {
	if first := elements(there.SortingKey)[0]; len(first) == 1 && unquoted(first[0]) == versionColumn {
		return
	}
	for _, i := range there.Indexes {
		if i.Type == "minmax" && strings.Trim(i.Expression, "()` ") == versionColumn {
			return
		}
	}
	alter := "ALTER TABLE " + t.qualified()
	p.hint(Add, "index "+versionIndexName+" on "+versionColumn, strings.Replace(alter+" ADD "+versionIndex, "INDEX", "INDEX IF NOT EXISTS", 1))
	p.hint(Change, "index "+versionIndexName+" of the rows that are there", alter+" MATERIALIZE INDEX "+versionIndexName)
}

// window widens the deduplication window. A replicated table remembers by its keeper, and by default long enough.
func (p *Plan) window(t *Target, there *Table) {
	setting := windowSetting
	if there.replicated() {
		setting = replicatedWindowSetting
	}
	if there.Window >= Window || !strings.HasSuffix(there.Engine, "MergeTree") {
		return
	}
	p.Steps = append(p.Steps, Step{
		Sign: Change, Text: fmt.Sprintf("setting %s %d -> %d", setting, there.Window, Window), Hint: there.Window > 0,
		SQL: fmt.Sprintf("ALTER TABLE %s MODIFY SETTING %s = %d", t.qualified(), setting, Window),
	})
}

// dropped tells of the columns that no source column fills any more. One with a DEFAULT is the target's own.
func (p *Plan) dropped(t *Target, r *change.Relation, there *Table) {
	for _, name := range orphans(r, there) {
		if t.OnDroppedColumn == "stop" {
			p.refuse(fmt.Sprintf("ALTER TABLE %s DROP COLUMN %s, or set on_dropped_column: keep", t.qualified(), identifier(name)),
				"column %s of table %s is no longer at the source (on_dropped_column: stop)", name, t.TargetName())
			continue
		}
		p.hint(Gone, "column "+name+" is no longer at the source (kept: on_dropped_column)", "")
	}
}

func orphans(r *change.Relation, there *Table) (names []string) {
	for i := range there.Columns {
		if c := &there.Columns[i]; c.DefaultKind == "" && !own(c.Name) && r.Column(c.Name) < 0 {
			names = append(names, c.Name)
		}
	}
	return names
}
