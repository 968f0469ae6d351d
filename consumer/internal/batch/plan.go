package batch

import (
	"slices"
	"strings"

	"eventsync/pkg/change"
)

// plan says how the changes of one relation become rows of one target.
type plan struct {
	relation *change.Relation
	steps    []step // in the order of their target columns' names
	identity identity
}

// step fills one target column.
type step struct {
	name       string
	typ        *typeName
	source     int // the relation's column, or one of the below
	conversion conversion
}

const (
	fromVersion = -1 - iota
	fromDeleted
)

func newPlan(r *change.Relation, t *Target) (*plan, error) {
	p := &plan{relation: r}
	for i := range r.Columns {
		c := &r.Columns[i]
		column, ok := t.columns[c.Name]
		if !ok || c.Name == VersionColumn || c.Name == DeletedColumn {
			continue
		}
		s, err := newStep(i, c, column)
		if err != nil {
			return nil, refusedType(r, c, t, column, err)
		}
		p.steps = append(p.steps, s)
	}
	if len(p.steps) == 0 {
		return nil, &RefusedError{
			Relation: r.Name(), Column: "*", SourceType: "any", Target: t.name, TargetType: "any",
			Reason: "the two tables have no column name in common", Remedy: "check which target is configured for this source",
		}
	}
	if c, ok := t.columns[VersionColumn]; ok {
		p.steps = append(p.steps, step{name: c.name, typ: c.typ, source: fromVersion, conversion: conversion{kind: change.Integer, append: appendBits, zero: make([]byte, 8)}})
	}
	if c, ok := t.columns[DeletedColumn]; ok {
		p.steps = append(p.steps, step{name: c.name, typ: c.typ, source: fromDeleted, conversion: conversion{kind: change.Bool, append: appendBool, zero: make([]byte, 1)}})
	}
	slices.SortFunc(p.steps, func(a, b step) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	p.identity = newIdentity(r, t, p.steps)
	return p, nil
}

func newStep(i int, c *change.Column, column targetColumn) (step, error) {
	if column.typ == nil {
		return step{}, column.reason
	}
	conv, err := newConversion(c, column.typ)
	return step{name: c.Name, typ: column.typ, source: i, conversion: conv}, err
}

// fills reports whether two plans fill the same target columns with rows that are told apart by the same columns, so
// that their rows can share a batch.
func (p *plan) fills(q *plan) bool {
	return slices.EqualFunc(p.steps, q.steps, func(a, b step) bool { return a.name == b.name }) && p.identity.equal(&q.identity)
}

func refusedType(r *change.Relation, c *change.Column, t *Target, column targetColumn, reason error) *RefusedError {
	e := &RefusedError{
		Relation: r.Name(), Column: c.Name, SourceType: c.SourceType, Target: t.name,
		Reason: reason.Error(), Remedy: remedy(c),
	}
	if column.typ != nil && isInteger(c.Type) && strings.HasPrefix(column.typ.base, "Date") {
		e.Remedy += "; if Debezium wrote it without a schema, nobody can tell its unit: set value.converter.schemas.enable"
	}
	if column.typ != nil {
		e.TargetType = column.typ.text
	}
	return e
}

// remedy names the type that holds every value of the source's.
func remedy(c *change.Column) string {
	fitting := map[change.Type]string{
		change.TypeBool: "Bool", change.TypeInt16: "Int16", change.TypeInt32: "Int32", change.TypeInt64: "Int64",
		change.TypeFloat32: "Float32", change.TypeFloat64: "Float64", change.TypeUUID: "UUID",
		change.TypeDate: "Date32", change.TypeTimestamp: "DateTime64(6, 'UTC')", change.TypeTimestampTZ: "DateTime64(6, 'UTC')",
	}
	typ, ok := fitting[c.Type]
	if !ok {
		typ = "String"
	}
	return "change the target column to " + typ + ", or leave the column out of the publication"
}
