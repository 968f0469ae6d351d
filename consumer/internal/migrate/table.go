package migrate

import (
	"strings"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
)

// Names of the columns that are filled from the change itself.
const (
	versionColumn = "_version"
	deletedColumn = "_deleted"
)

// Table is a target that is there.
type Table struct {
	Engine     string // without arguments: "ReplacingMergeTree"
	Arguments  string // of the engine: "_version, _deleted"
	SortingKey string // as system.tables has it
	Columns    []Column
	Indexes    []Index
	// Window is how many blocks the table remembers the tokens of.
	Window uint64
}

// Column is a target's column, as system.columns has it.
type Column struct {
	Name        string
	Type        string
	DefaultKind string // "", "DEFAULT", "MATERIALIZED", "ALIAS" or "EPHEMERAL"
}

// computed reports whether ClickHouse fills the column, and takes no values for it.
func (c *Column) computed() bool { return c.DefaultKind == "MATERIALIZED" || c.DefaultKind == "ALIAS" }

// Index is a data skipping index.
type Index struct{ Name, Type, Expression string }

func (t *Table) column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// replicated reports whether replicas share the table's data, and with it the tokens that it remembers.
func (t *Table) replicated() bool {
	return strings.HasPrefix(t.Engine, "Replicated") || strings.HasPrefix(t.Engine, "Shared")
}

// family is the engine without what says where its data is: "ReplacingMergeTree".
func (t *Table) family() string {
	return strings.TrimPrefix(strings.TrimPrefix(t.Engine, "Replicated"), "Shared")
}

// replacing reports whether rows of the same sorting key become one.
func (t *Table) replacing() bool { return t.family() == "ReplacingMergeTree" }

// Target is what the configuration says of a table.
type Target struct {
	config.Table
	Database string
	// Replicas says that the table must be on several servers that share its data, so that it is not ours to create.
	Replicas bool
}

func (t *Target) qualified() string { return identifier(t.Database) + "." + identifier(t.TargetName()) }

// keys are the names of the relation's key columns.
func keys(r *change.Relation) (names []string) {
	for i := range r.Columns {
		if r.Columns[i].Key {
			names = append(names, r.Columns[i].Name)
		}
	}
	return names
}

// own reports whether a column's name is one that is filled from the change itself.
func own(name string) bool { return name == versionColumn || name == deletedColumn }

var identifierEscapes = strings.NewReplacer("\\", "\\\\", "`", "\\`")

// identifier quotes a name.
func identifier(name string) string { return "`" + identifierEscapes.Replace(name) + "`" }
