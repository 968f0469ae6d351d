package main

import (
	"eventsync/pkg/change"
)

// event is one row of the events table.
type event struct {
	id, project, group, author, target int64 // 0 is NULL but in id and author
	targetType                         string
	action                             int64
	at                                 int64 // microseconds since 1970
}

const (
	firstEvent     = 1_700_000_000_000_000
	perTransaction = 1000
)

var targetTypes = [...]string{"Issue", "MergeRequest", "Note", "Milestone", "WikiPage::Meta", ""}

// newEvent makes the row of an id, from 1, always the same: eight of ten belong to a project, one to a group.
func newEvent(id int64) event {
	e := event{
		id: id, author: 1 + id%2_000, target: id % 1_000, targetType: targetTypes[id%int64(len(targetTypes))],
		action: 1 + id%12, at: firstEvent + id*1_000_000,
	}
	switch {
	case id%10 < 8:
		e.project = 1 + id*7919%500
	case id%10 == 8:
		e.group = 1 + id%50
	}
	return e
}

// eventsRelation is what the producer makes of the table.
func eventsRelation() *change.Relation {
	bigint := func(name string) change.Column {
		return change.Column{Name: name, Type: change.TypeInt64, SourceType: "bigint"}
	}
	at := func(name string) change.Column {
		return change.Column{Name: name, Type: change.TypeTimestampTZ, SourceType: "timestamp with time zone"}
	}
	id := bigint("id")
	id.Key = true
	return &change.Relation{Schema: "public", Table: "events", Columns: []change.Column{
		id, bigint("project_id"), bigint("author_id"), bigint("group_id"), bigint("target_id"),
		{Name: "target_type", Type: change.TypeText, SourceType: "text"},
		{Name: "action", Type: change.TypeInt16, SourceType: "smallint"},
		at("created_at"), at("updated_at"),
	}}
}

// values writes the row as the relation's columns.
func (e *event) values(v []change.Value) []change.Value {
	integer := func(i int64) change.Value {
		if i == 0 {
			return change.NullValue()
		}
		return change.IntegerValue(i)
	}
	text := change.NullValue()
	if e.targetType != "" {
		text = change.TextValue([]byte(e.targetType))
	}
	at := change.IntegerValue(e.at)
	return append(v, integer(e.id), integer(e.project), integer(e.author), integer(e.group), integer(e.target),
		text, integer(e.action), at, at)
}
