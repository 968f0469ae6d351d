package batch

import (
	"fmt"
	"strings"

	"eventsync/pkg/change"
)

// Names of the target's columns that are filled from the change itself.
const (
	VersionColumn = "_version" // UInt64: the greatest is the row's latest state
	DeletedColumn = "_deleted" // UInt8: 1 says that the row was deleted
)

// TargetColumn is a column of a ClickHouse table, as system.columns has it.
type TargetColumn struct {
	Name        string
	Type        string
	DefaultKind string // "", "DEFAULT", "MATERIALIZED", "ALIAS" or "EPHEMERAL"
}

// Target is a ClickHouse table that batches are made for. It is immutable, and shared by the table's batches.
type Target struct {
	name string
	// replacing says that a newer version of a row takes the place of an older one.
	replacing bool
	columns   map[string]targetColumn
}

type targetColumn struct {
	name string
	// typ is nil, and reason says why, if the column's type is not one that can be written. It matters only once a
	// source column of that name appears.
	typ    *typeName
	reason error
	// stored is false if what is inserted cannot be selected.
	stored bool
}

// NewTarget describes the table that batches are made for; the engine is as system.tables has it.
func NewTarget(name, engine string, columns []TargetColumn) (*Target, error) {
	t := &Target{name: name, replacing: strings.HasSuffix(engine, "ReplacingMergeTree"), columns: make(map[string]targetColumn, len(columns))}
	for _, c := range columns {
		if c.DefaultKind == "MATERIALIZED" || c.DefaultKind == "ALIAS" {
			continue // ClickHouse computes them
		}
		typ, err := parseType(c.Type)
		t.columns[c.Name] = targetColumn{name: c.Name, typ: typ, reason: err, stored: c.DefaultKind != "EPHEMERAL"}
	}
	if len(t.columns) == 0 {
		return nil, fmt.Errorf("table %s has no column that can be inserted into", name)
	}
	for name, want := range map[string]string{VersionColumn: "UInt64", DeletedColumn: "UInt8"} {
		c, ok := t.columns[name]
		if ok && (c.typ == nil || c.typ.text != want) {
			return nil, fmt.Errorf("table %s: column %s must be %s: recreate the table, or rename the column if it means something else", t.name, name, want)
		}
	}
	return t, nil
}

// Name is the table's name.
func (t *Target) Name() string { return t.name }

// deletes reports whether the target has a place for deleted rows.
func (t *Target) deletes() bool {
	_, ok := t.columns[DeletedColumn]
	return ok
}

// check refuses what the target cannot hold.
func (t *Target) check(op change.Op) error {
	switch {
	case op == change.Truncate:
		return &UnsupportedError{Op: op, Target: t.name, Remedy: "truncate the ClickHouse table by hand, then start the consumer past this offset"}
	case op == change.Delete && !t.deletes():
		return &UnsupportedError{Op: op, Target: t.name, Remedy: "give the table a column " + DeletedColumn + " UInt8 and the engine ReplacingMergeTree(" + VersionColumn + ", " + DeletedColumn + "), or leave deletes out of the publication"}
	}
	return nil
}
