package batch

import (
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// Another consumer has widened a column; what this one has inserted is still found.
func TestDropPresentOfAWidenedColumn(t *testing.T) {
	e := newEngine(t)
	b := e.target("wide", "n Int16, d Decimal(9, 2), name LowCardinality(String), _version UInt64", "MergeTree ORDER BY tuple()").NewBatch(e)
	relation := &change.Relation{Schema: "public", Table: "wide", Columns: []change.Column{
		{Name: "n", Type: change.TypeInt16}, {Name: "d", Type: change.TypeDecimal}, {Name: "name", Type: change.TypeText},
	}}
	for i := range int64(3) {
		appendAll(t, b, []codec.Message{{Change: change.Change{Relation: relation, Op: change.Insert, Version: 5, Values: []change.Value{integer(-i), text("1.5"), text("x")}}}})
	}
	insert(t, b, "t")
	e.exec("ALTER TABLE wide MODIFY COLUMN n Int64, MODIFY COLUMN d Decimal(18, 2), MODIFY COLUMN name Nullable(String) SETTINGS mutations_sync = 2")
	dropPresent(t, b, 0)
}

func TestDropPresentByAWideKey(t *testing.T) {
	e := newEngine(t)
	b := e.target("wide", "n Int128, _version UInt64", "ReplacingMergeTree(_version) ORDER BY n").NewBatch(e)
	relation := &change.Relation{Schema: "public", Table: "wide", Columns: []change.Column{{Name: "n", Type: change.TypeDecimal, Key: true}}}
	var rows []codec.Message
	for _, n := range []string{"-1", "5", "-170141183460469231731687303715884105728", "170141183460469231731687303715884105727"} {
		rows = append(rows, codec.Message{Change: change.Change{Relation: relation, Op: change.Insert, Version: 5, Values: []change.Value{text(n)}}})
	}
	appendAll(t, b, rows[1:])
	insert(t, b, "t")
	b.Reset()
	appendAll(t, b, rows)
	dropPresent(t, b, 1)
}
