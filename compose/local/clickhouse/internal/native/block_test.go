package native

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/ClickHouse/ch-go/proto"
	"pgregory.net/rapid"
)

// Revisions of the protocol on both sides of the one that brought the custom serialization byte.
const fileRevision, protocolRevision = 54453, 54460

// columns draws columns of rows rows.
func columns(t *rapid.T, rows int) proto.Input {
	texts := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "Issue", "\n\n"})), rows, rows).Draw(t, "texts")
	numbers := rapid.SliceOfN(rapid.Uint64(), rows, rows).Draw(t, "numbers")
	lists := rapid.SliceOfN(rapid.SliceOfN(rapid.String(), 0, 3), rows, rows).Draw(t, "lists")

	number, text, json := new(proto.ColUInt64), new(proto.ColStr), new(proto.ColJSONStr)
	lowCardinality, optional := new(proto.ColStr).LowCardinality(), new(proto.ColStr).Nullable()
	list, lowList := new(proto.ColStr).Array(), proto.NewArray[string](new(proto.ColStr).LowCardinality())
	object := proto.NewMap(new(proto.ColStr).LowCardinality(), proto.NewArray(new(proto.ColStr).Nullable()))
	left, right := new(proto.ColUInt8), new(proto.ColStr)
	pair := proto.ColTuple{proto.Named(left, "`a b`"), proto.Named(right, "c")}
	for i := range rows {
		number.Append(numbers[i])
		text.Append(texts[i])
		json.Append(texts[i])
		lowCardinality.Append(texts[i])
		optional.Append(proto.Nullable[string]{Set: numbers[i]%2 == 0, Value: texts[i]})
		list.Append(lists[i])
		lowList.Append(lists[i])
		values := map[string][]proto.Nullable[string]{}
		for _, key := range lists[i] {
			values[key] = []proto.Nullable[string]{proto.NewNullable(key), proto.Null[string]()}
		}
		object.Append(values)
		left.Append(uint8(numbers[i]))
		right.Append(texts[i])
	}
	all := proto.Input{
		{Name: "number", Data: number},
		{Name: "text", Data: text},
		{Name: "json", Data: json},
		{Name: "lowCardinality", Data: lowCardinality},
		{Name: "optional", Data: optional},
		{Name: "list", Data: list},
		{Name: "lowList", Data: lowList},
		{Name: "object", Data: object},
		{Name: "pair", Data: pair},
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, len(all), func(c proto.InputColumn) string { return c.Name }).Draw(t, "columns")
}

func encode(t testing.TB, revision, rows int, input proto.Input) []byte {
	var b proto.Buffer
	if err := (proto.Block{Rows: rows, Columns: len(input)}).EncodeRawBlock(&b, revision, input); err != nil {
		t.Fatal(err)
	}
	return b.Buf
}

// TestWalkOfWhatAClientEncodes is the walker's point: what ch-go encodes for one layout comes out as what it encodes for
// the other, and in the same layout as it went in, wherever the input's buffer ends.
func TestWalkOfWhatAClientEncodes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows := rapid.IntRange(0, 40).Draw(r, "rows")
		input := columns(r, rows)
		forms := map[Layout][]byte{File: encode(t, fileRevision, rows, input), Protocol: encode(t, protocolRevision, rows, input)}
		buffer := rapid.IntRange(16, 100).Draw(r, "buffer")
		for from, in := range forms {
			for to, want := range forms {
				w := Walker{In: bufio.NewReaderSize(bytes.NewReader(in), buffer)}
				got, n, err := w.Block(from, to)
				if err != nil {
					r.Fatalf("%v to %v: %v", from, to, err)
				}
				if n != rows || len(got) != len(input) || got[0].Name != input[0].Name || got[0].Type != string(input[0].Data.Type()) {
					r.Errorf("%d rows of %v", n, got)
				}
				if !bytes.Equal(w.Out, want) {
					r.Errorf("%v to %v: other bytes", from, to)
				}
				if _, _, err := w.Block(from, to); !errors.Is(err, io.EOF) {
					r.Errorf("after the block: %v", err)
				}
			}
		}
	})
}

// TestWalkOfACutBlock cuts a block at every byte.
func TestWalkOfACutBlock(t *testing.T) {
	text := new(proto.ColStr).LowCardinality()
	list := new(proto.ColStr).Array()
	for range 3 {
		text.Append("abc")
		list.Append([]string{"x", "yz"})
	}
	whole := encode(t, protocolRevision, 3, proto.Input{{Name: "text", Data: text}, {Name: "list", Data: list}})
	for n := 1; n < len(whole); n++ {
		w := Walker{In: bufio.NewReader(iotest.OneByteReader(bytes.NewReader(whole[:n])))}
		if _, _, err := w.Block(Protocol, File); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("after %d of %d bytes: %v", n, len(whole), err)
		}
	}
	failure := errors.New("the network's own")
	w := Walker{In: bufio.NewReader(io.MultiReader(bytes.NewReader(whole[:20]), iotest.ErrReader(failure)))}
	if _, _, err := w.Block(Protocol, File); !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
}

// block encodes a block of one column by hand.
func block(rows int, columnType string, data func(b *proto.Buffer)) []byte {
	var b proto.Buffer
	b.PutInt(1)
	b.PutInt(rows)
	b.PutString("c")
	b.PutString(columnType)
	data(&b)
	return b.Buf
}

// malformed are blocks that announce what they do not have, or what nobody can walk.
func malformed() map[string][]byte {
	numbers := func(values ...uint64) func(*proto.Buffer) {
		return func(b *proto.Buffer) {
			for _, v := range values {
				b.PutUInt64(v)
			}
		}
	}
	const huge = 1 << 40
	return map[string][]byte{
		"columns":             {0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1},
		"rows":                {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
		"number over 64 bits": bytes.Repeat([]byte{0xff}, 20),
		"name":                {1, 1, 0xff, 0xff, 0xff, 0xff, 0x01},
		"type":                block(1, "Nope", numbers()),
		"string":              block(1, "String", func(b *proto.Buffer) { b.PutUVarInt(huge) }),
		"array":               block(1, "Array(UInt8)", numbers(huge)),
		"dictionary":          block(1, "LowCardinality(String)", numbers(1, ownDictionary, huge)),
		"indexes":             block(1, "LowCardinality(UInt8)", numbers(1, ownDictionary, 0, 2)),
		"no dictionary":       block(1, "LowCardinality(String)", numbers(1, 0, 0, 1)),
		"index width":         block(1, "LowCardinality(String)", numbers(1, ownDictionary|4, 0, 1)),
		"version":             block(1, "LowCardinality(String)", numbers(2)),
		"JSON as an object":   block(1, "JSON", numbers(3)),
	}
}

func TestWalkOfMalformedBlocks(t *testing.T) {
	for name, in := range malformed() {
		t.Run(name, func(t *testing.T) {
			w := Walker{In: bufio.NewReader(bytes.NewReader(in))}
			if _, _, err := w.Block(File, File); !errors.Is(err, ErrUnsupported) {
				t.Errorf("got %v", err)
			}
		})
	}
	w := Walker{In: bufio.NewReader(bytes.NewReader([]byte{1, 1, 1, 'c', 5, 'U', 'I', 'n', 't', '8', 1, 7}))}
	if _, _, err := w.Block(Protocol, File); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a custom serialization: %v", err)
	}
}

// FuzzWalk wants no panic, no allocation out of proportion, and the input's own bytes.
func FuzzWalk(f *testing.F) {
	text := new(proto.ColStr).LowCardinality()
	list := new(proto.ColStr).Array()
	for range 3 {
		text.Append("abc")
		list.Append([]string{"x", "yz"})
	}
	f.Add(encode(f, fileRevision, 3, proto.Input{{Name: "text", Data: text}, {Name: "list", Data: list}}))
	for _, in := range malformed() {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		w := Walker{In: bufio.NewReaderSize(bytes.NewReader(in), 16)}
		_, _, err := w.Block(File, File)
		if !bytes.HasPrefix(in, w.Out) {
			t.Errorf("%x became %x, %v", in, w.Out, err)
		}
		if cap(w.Out) > 2*len(in)+2*step {
			t.Errorf("%d bytes were made room for, for %d", cap(w.Out), len(in))
		}
	})
}
