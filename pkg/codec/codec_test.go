package codec_test

import (
	"bytes"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	changev1 "eventsync/schemas/change/v1"
)

func drawType(t *rapid.T) change.Type {
	return change.Type(rapid.IntRange(int(change.TypeBool), int(change.TypeOther)).Draw(t, "type"))
}

func drawRelation(t *rapid.T) *change.Relation {
	r := &change.Relation{Schema: rapid.String().Draw(t, "schema"), Table: rapid.String().Draw(t, "table")}
	for range rapid.IntRange(0, 12).Draw(t, "columns") {
		r.Columns = append(r.Columns, change.Column{
			Name: rapid.String().Draw(t, "name"), Type: drawType(t), SourceType: rapid.String().Draw(t, "source type"),
			Key: rapid.Bool().Draw(t, "key"), Precision: rapid.Uint32().Draw(t, "precision"), Scale: rapid.Int32().Draw(t, "scale"),
		})
	}
	return r
}

func drawValue(t *rapid.T, typ change.Type) change.Value {
	switch rapid.IntRange(0, 9).Draw(t, "form") {
	case 0:
		return change.NullValue()
	case 1:
		return change.UnavailableValue()
	}
	switch typ.Kind() {
	case change.Bool:
		return change.BoolValue(rapid.Bool().Draw(t, "bool"))
	case change.Integer:
		return change.IntegerValue(rapid.Int64().Draw(t, "integer"))
	case change.Float:
		return change.FloatValue(rapid.Float64().Draw(t, "float"))
	case change.Bytes:
		return change.BytesValue(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "bytes"))
	default:
		return change.TextValue([]byte(rapid.StringN(0, 300, -1).Draw(t, "text")))
	}
}

func drawPosition(t *rapid.T) change.Position {
	if rapid.Bool().Draw(t, "no position") {
		return change.Position{}
	}
	return change.Position{Commit: change.LSN(rapid.Uint64().Draw(t, "lsn")), Sequence: rapid.Uint64().Draw(t, "sequence")}
}

func drawChange(t *rapid.T, r *change.Relation) *change.Change {
	c := &change.Change{
		Relation: r, Op: change.Op(rapid.IntRange(int(change.Insert), int(change.Snapshot)).Draw(t, "op")),
		Version: change.Version(rapid.Uint64().Draw(t, "version")), Position: drawPosition(t), CommitTime: rapid.Int64().Draw(t, "time"),
	}
	for i := range r.Columns {
		c.Values = append(c.Values, drawValue(t, r.Columns[i].Type))
	}
	return c
}

func equal(a, b *change.Value) bool {
	return a.Kind == b.Kind && a.Integer() == b.Integer() && bytes.Equal(a.Bytes, b.Bytes)
}

// What the encoder writes, the decoder and the generated package both read.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var enc codec.Encoder
		var dec codec.Decoder
		var m codec.Message
		r := drawRelation(t)
		for range 3 {
			c, previous := drawChange(t, r), drawPosition(t)
			b := enc.Append(nil, c, previous)
			if err := dec.Decode(b, &m); err != nil {
				t.Fatal(err)
			}
			if m.Op != c.Op || m.Version != c.Version || m.Position != c.Position || m.Previous != previous || m.CommitTime != c.CommitTime {
				t.Fatalf("decoded %+v, encoded %+v", m, c)
			}
			for i := range c.Values {
				if !equal(&m.Values[i], &c.Values[i]) {
					t.Fatalf("value %d: decoded %+v, encoded %+v", i, m.Values[i], c.Values[i])
				}
			}
			sameAsGenerated(t, b, c, previous)
		}
	})
}

func sameAsGenerated(t *rapid.T, b []byte, c *change.Change, previous change.Position) {
	var g changev1.Change
	if err := proto.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	if g.GetOp() != changev1.Op(c.Op) || g.GetVersion() != uint64(c.Version) || g.GetCommitTime() != c.CommitTime ||
		g.GetPrevious().GetCommitLsn() != uint64(previous.Commit) || g.GetPosition().GetSequence() != c.Position.Sequence {
		t.Fatalf("generated package read %v of %+v", &g, c)
	}
	if len(g.GetValues()) != len(c.Values) || len(g.GetRelation().GetColumns()) != len(c.Relation.Columns) {
		t.Fatalf("generated package read %d values", len(g.GetValues()))
	}
	for i, v := range g.GetValues() {
		want := &c.Values[i]
		ok := false
		switch k := v.GetKind().(type) {
		case *changev1.Value_Null:
			ok = want.Kind == change.Null
		case *changev1.Value_Unavailable:
			ok = want.Kind == change.Unavailable
		case *changev1.Value_Boolean:
			ok = want.Kind == change.Bool && want.Bool() == k.Boolean
		case *changev1.Value_Integer:
			ok = want.Kind == change.Integer && want.Integer() == k.Integer
		case *changev1.Value_Float:
			ok = want.Kind == change.Float && math.Float64bits(want.Float()) == math.Float64bits(k.Float)
		case *changev1.Value_Text:
			ok = want.Kind == change.Text && string(want.Bytes) == k.Text
		case *changev1.Value_Bytes:
			ok = want.Kind == change.Bytes && bytes.Equal(want.Bytes, k.Bytes)
		}
		if !ok {
			t.Fatalf("value %d: generated package read %v of %+v", i, v, want)
		}
	}
	// The other way round: what the generated package writes, in whatever order, is decoded.
	again, err := proto.Marshal(&g)
	if err != nil {
		t.Fatal(err)
	}
	var dec codec.Decoder
	var m codec.Message
	if err := dec.Decode(again, &m); err != nil {
		t.Fatalf("of the generated package's bytes: %v", err)
	}
	if m.Version != c.Version || len(m.Values) != len(c.Values) {
		t.Fatalf("of the generated package's bytes: %+v", m)
	}
}

func TestDecodeRefuses(t *testing.T) {
	r := &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{{Name: "id", Type: change.TypeInt64, Key: true}}}
	c := &change.Change{Relation: r, Op: change.Insert, Version: 7, Values: []change.Value{change.IntegerValue(1)}}
	var enc codec.Encoder
	good := enc.Append(nil, c, change.Position{})
	edit := func(f func(g *changev1.Change)) []byte {
		var g changev1.Change
		if err := proto.Unmarshal(good, &g); err != nil {
			t.Fatal(err)
		}
		f(&g)
		b, err := proto.Marshal(&g)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, tc := range map[string]struct {
		message []byte
		want    string
	}{
		"nothing":           {nil, "the message has no relation descriptor"},
		"cut off":           {good[:len(good)-1], "malformed Protobuf"},
		"JSON":              {[]byte(`{"a":1}`), "malformed Protobuf"},
		"operation":         {edit(func(g *changev1.Change) { g.Op = 9 }), "public.t: operation 9 is not known: a newer producer wrote it"},
		"too few values":    {edit(func(g *changev1.Change) { g.Values = nil }), "public.t: 0 values for 1 columns"},
		"value of no kind":  {edit(func(g *changev1.Change) { g.Values[0].Kind = nil }), "value 0: a value without a kind"},
		"wrong fingerprint": {edit(func(g *changev1.Change) { g.RelationFingerprint = 5 }), "fingerprint"},
		"longer tag":        {append(bytes.Clone(good), 0x98, 0, 2), "malformed Protobuf"},                                                                    // of op: nobody writes it, and passing it over would lose it
		"short integer":     {append(bytes.Clone(good), "\x42\x03\x20\x05\x00\xfa\x01\x0812345678"...), "value 1: a kind of value that is not known (tag 0)"}, // one byte where two are announced
		"long integer":      {append(bytes.Clone(good), "\x42\x02\x20\x85\x05\xfa\x01\x0812345678"...), "malformed Protobuf"},                                 // two bytes where one is
		"unknown kind":      {append(bytes.Clone(good), 0x42, 2, 0x78, 1), "value 1: a kind of value that is not known (tag 120): a newer producer wrote it"},
	} {
		t.Run(name, func(t *testing.T) {
			var dec codec.Decoder
			var m codec.Message
			err := dec.Decode(tc.message, &m)
			if err == nil || !bytes.Contains([]byte(err.Error()), []byte(tc.want)) {
				t.Fatalf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// Integers of every length come back, from the middle of a message as from its end.
func TestIntegers(t *testing.T) {
	r := &change.Relation{Schema: "public", Table: "t", Columns: make([]change.Column, 3)}
	var enc codec.Encoder
	var dec codec.Decoder
	var m codec.Message
	for bit := range 64 {
		for _, i := range []int64{1 << bit, 1<<bit - 1, -1 << bit, -1<<bit - 1} {
			v := change.IntegerValue(i)
			if err := dec.Decode(enc.Append(nil, &change.Change{Relation: r, Op: change.Insert, Values: []change.Value{v, v, v}}, change.Position{}), &m); err != nil {
				t.Fatalf("%d: %v", i, err)
			}
			for n := range m.Values {
				if !equal(&m.Values[n], &v) {
					t.Fatalf("value %d: decoded %d, encoded %d", n, m.Values[n].Integer(), i)
				}
			}
		}
	}
}

// A field that a newer producer added is passed over.
func TestDecodeIgnoresUnknownFields(t *testing.T) {
	r := &change.Relation{Schema: "public", Table: "t"}
	var enc codec.Encoder
	b := enc.Append(nil, &change.Change{Relation: r, Op: change.Truncate, Version: 3}, change.Position{})
	b = append(b, 0xfa, 0x01, 3, 'n', 'e', 'w') // field 31, length-delimited
	var dec codec.Decoder
	var m codec.Message
	if err := dec.Decode(b, &m); err != nil || m.Version != 3 {
		t.Fatalf("%+v, %v", m, err)
	}
}

func TestAppendKey(t *testing.T) {
	col := func(name string, typ change.Type) change.Column {
		return change.Column{Name: name, Type: typ, Key: true}
	}
	for want, tc := range map[string]struct {
		cols   []change.Column
		values []change.Value
	}{
		`{"id":42}`: {[]change.Column{col("id", change.TypeInt64)}, []change.Value{change.IntegerValue(42)}},
		`{"a":"x\"yé","b":null}`: {
			[]change.Column{col("a", change.TypeText), col("b", change.TypeBool)},
			[]change.Value{change.TextValue([]byte(`x"yé`)), change.NullValue()},
		},
		`{"u":"00010203-0405-0607-0809-0a0b0c0d0e0f","r":"AAE=","f":1.5,"n":"NaN","t":true}`: {
			[]change.Column{col("u", change.TypeUUID), col("r", change.TypeBytes), col("f", change.TypeFloat64), col("n", change.TypeFloat32), col("t", change.TypeBool)},
			[]change.Value{
				change.BytesValue([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}), change.BytesValue([]byte{0, 1}),
				change.FloatValue(1.5), change.FloatValue(math.NaN()), change.BoolValue(true),
			},
		},
		``: {[]change.Column{{Name: "x", Type: change.TypeInt64}}, []change.Value{change.IntegerValue(1)}},
	} {
		c := &change.Change{Relation: &change.Relation{Columns: tc.cols}, Values: tc.values}
		if got := string(codec.AppendKey(nil, c)); got != want {
			t.Errorf("key %s, want %s", got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	r := &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{{Name: "id", Type: change.TypeInt64, Key: true}, {Name: "x", Type: change.TypeText}}}
	var enc codec.Encoder
	f.Add(enc.Append(nil, &change.Change{Relation: r, Op: change.Update, Version: 1, Values: []change.Value{change.IntegerValue(-1), change.TextValue([]byte("hello"))}}, change.Position{Commit: 3, Sequence: 4}))
	f.Add([]byte{0x42, 2, 0x08, 1})
	f.Fuzz(func(_ *testing.T, b []byte) {
		var dec codec.Decoder
		var m codec.Message
		_ = dec.Decode(b, &m) // must not panic
	})
}
