package codec

import (
	"testing"

	"eventsync/pkg/change"
)

// The positions of a message whose values nobody can read are read, and those of anything else are not.
func TestPositions(t *testing.T) {
	r := &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{{Name: "id", Type: change.TypeInt64, Key: true}}}
	c := &change.Change{Relation: r, Op: change.Insert, Version: 7, Position: change.Position{Commit: 9, Sequence: 2}, Values: []change.Value{change.IntegerValue(1)}}
	previous := change.Position{Commit: 8, Sequence: 1}
	var enc Encoder
	whole := enc.Append(nil, c, previous)
	tomorrow := append(append([]byte(nil), whole...), byte(changeValues<<3|2), 3, 0x9a, 6, 1) // one more value, of a kind that is not known
	var d Decoder
	var m Message
	if err := d.Decode(tomorrow, &m); err == nil {
		t.Fatal("it is decoded")
	}
	p, q, ok := Positions(tomorrow)
	if !ok || p != c.Position || q != previous {
		t.Errorf("%v, %v, %v", p, q, ok)
	}
	for _, garbage := range [][]byte{nil, []byte("poison"), whole[:len(whole)/2], append([]byte{whole[0], whole[1] ^ 1}, whole[2:]...)} {
		if p, q, ok := Positions(garbage); ok {
			t.Errorf("%x has the positions %v and %v", garbage, p, q)
		}
	}
}
