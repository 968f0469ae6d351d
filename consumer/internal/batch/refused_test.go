package batch

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/codec/debezium"
)

// rowRefusal is what the worker goes by: a row becomes a dead letter, anything else stops the partition.
func rowRefusal(err error) bool {
	var r interface{ RefusesRow() bool }
	return errors.As(err, &r) && r.RefusesRow()
}

func TestWhatARefusalIsAbout(t *testing.T) {
	column := func(typ change.Type) *change.Relation {
		return &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{{Name: "c", Type: typ, SourceType: "its type"}}}
	}
	for name, c := range map[string]struct {
		columns  []TargetColumn
		relation *change.Relation
		op       change.Op
		value    change.Value
		row      bool
	}{
		"a value out of range":                {[]TargetColumn{{"c", "UInt8", ""}}, column(change.TypeInt16), change.Insert, integer(256), true},
		"empty text":                          {[]TargetColumn{{"c", "Enum8('a' = 1)", ""}}, column(change.TypeText), change.Insert, text(""), true},
		"a kind that its type does not have":  {[]TargetColumn{{"c", "UInt8", ""}}, column(change.TypeInt16), change.Insert, text("x"), true},
		"types without a conversion":          {[]TargetColumn{{"c", "UInt8", ""}}, column(change.TypeFloat64), change.Insert, null, false},
		"a type of a newer producer":          {[]TargetColumn{{"c", "UInt8", ""}}, column(99), change.Insert, null, false},
		"a target's type that is not known":   {[]TargetColumn{{"c", "Tuple(a Int8)", ""}}, column(change.TypeInt16), change.Insert, null, false},
		"no column in common":                 {[]TargetColumn{{"d", "UInt8", ""}}, column(change.TypeInt16), change.Insert, null, false},
		"a delete that the table cannot hold": {[]TargetColumn{{"c", "UInt8", ""}}, column(change.TypeInt16), change.Delete, integer(1), false},
	} {
		b := target(t, "t", "MergeTree", c.columns).NewBatch(&kept{})
		_, err := b.Append(&codec.Message{Change: change.Change{Relation: c.relation, Op: c.op, Position: change.Position{Commit: 1}, Values: []change.Value{c.value}}})
		if err == nil || rowRefusal(err) != c.row {
			t.Errorf("%s: %v is about the row: %v, want %v", name, err, rowRefusal(err), c.row)
		}
	}
}

// What a newer producer says beside what is known is passed over, and so is a column of a type that is not known where
// the target does not have the column.
func TestNewerMessages(t *testing.T) {
	relation := &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt64, Key: true}, {Name: "new", Type: 99},
	}}
	var e codec.Encoder
	raw := e.Append(nil, &change.Change{Relation: relation, Op: change.Insert, Values: []change.Value{integer(7), text("?")}}, change.Position{})
	raw = protowire.AppendString(protowire.AppendTag(raw, 1000, protowire.BytesType), "unknown")
	raw = protowire.AppendVarint(protowire.AppendTag(raw, 15, protowire.VarintType), 1<<60)
	var m codec.Message
	if err := new(codec.Decoder).Decode(raw, &m); err != nil {
		t.Fatal(err)
	}
	b := target(t, "t", "MergeTree", []TargetColumn{{"id", "UInt64", ""}}).NewBatch(&kept{})
	appendAll(t, b, []codec.Message{m})
	if b.Rows() != 1 {
		t.Errorf("%d rows", b.Rows())
	}
}

// A placeholder of Debezium's would be wrong for good; what our own producer could not read is of a row that is gone.
func TestUnavailableValues(t *testing.T) {
	columns := []TargetColumn{{"id", "UInt64", ""}, {"body", "String", ""}, {"_deleted", "UInt8", ""}}
	const envelope = `{"before":null,"after":{"id":1,"body":"__debezium_unavailable_value"},"source":{"schema":"public","table":"notes","lsn":5,"ts_ms":7},"op":"u"}`
	var m codec.Message
	if ok, err := new(debezium.Decoder).Decode([]byte(`{"id":1}`), []byte(envelope), &m); !ok || err != nil {
		t.Fatal(err)
	}
	b := target(t, "notes", "MergeTree", columns).NewBatch(&kept{})
	_, err := b.Append(&m)
	if !rowRefusal(err) || !strings.Contains(err.Error(), "ALTER TABLE public.notes REPLICA IDENTITY FULL") || !strings.Contains(err.Error(), "column body") {
		t.Errorf("error %v", err)
	}
	ours, gone := m, m
	ours.Position = change.Position{Commit: 5, Sequence: 1}
	gone.Op = change.Delete
	appendAll(t, b, []codec.Message{ours, gone})
	elsewhere := target(t, "notes", "MergeTree", columns[:1]).NewBatch(&kept{})
	appendAll(t, elsewhere, []codec.Message{m})
}
