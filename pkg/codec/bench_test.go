package codec_test

import (
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

func eventsChange() *change.Change {
	r := &change.Relation{Schema: "public", Table: "events", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true},
		{Name: "project_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "author_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "group_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "target_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "target_type", Type: change.TypeText, SourceType: "character varying"},
		{Name: "action", Type: change.TypeInt16, SourceType: "smallint"},
		{Name: "created_at", Type: change.TypeTimestampTZ, SourceType: "timestamp with time zone"},
		{Name: "updated_at", Type: change.TypeTimestampTZ, SourceType: "timestamp with time zone"},
	}}
	return &change.Change{
		Relation: r, Op: change.Insert, Version: 1 << 33, Position: change.Position{Commit: 1 << 33, Sequence: 500}, CommitTime: 1_700_000_000_000_000,
		Values: []change.Value{
			change.IntegerValue(123456789), change.IntegerValue(4242), change.IntegerValue(77), change.NullValue(), change.IntegerValue(99999),
			change.TextValue([]byte("MergeRequest")), change.IntegerValue(5), change.IntegerValue(1_700_000_000_000_000), change.IntegerValue(1_700_000_000_000_000),
		},
	}
}

func BenchmarkEncode(b *testing.B) {
	c := eventsChange()
	var enc codec.Encoder
	var buf, key []byte
	for b.Loop() {
		buf = enc.Append(buf[:0], c, c.Position)
		key = codec.AppendKey(key[:0], c)
	}
	b.ReportAllocs()
}

func BenchmarkDecode(b *testing.B) {
	c := eventsChange()
	var enc codec.Encoder
	buf := enc.Append(nil, c, c.Position)
	var dec codec.Decoder
	var m codec.Message
	for b.Loop() {
		if err := dec.Decode(buf, &m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
}
