package codec_test

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

func TestAMessageWithoutItsPositionIsTheSameOtherwise(t *testing.T) {
	relation := &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true}}}
	c := change.Change{
		Relation: relation, Op: change.Update, Version: 77, Position: change.Position{Commit: 9, Sequence: 300}, CommitTime: -5,
		Values: []change.Value{change.IntegerValue(42)},
	}
	var e codec.Encoder
	whole := e.Append(nil, &c, change.Position{Commit: 8, Sequence: 2})
	c.Position = change.Position{}
	want := e.Append(nil, &c, change.Position{})
	// What a newer producer may add, in the middle and at the end.
	tomorrow := protowire.AppendString(protowire.AppendTag(nil, 99, protowire.BytesType), "of tomorrow")
	got, err := codec.AppendWithoutPosition([]byte("x"), append(append(bytes.Clone(tomorrow), whole...), tomorrow...))
	if err != nil || !bytes.Equal(got, append(append(append([]byte("x"), tomorrow...), want...), tomorrow...)) {
		t.Fatalf("%x (%v), not %x", got, err, want)
	}
	if _, err := codec.AppendWithoutPosition(nil, whole[:len(whole)-1]); err == nil {
		t.Fatal("a message that is cut off")
	}
}
