package recordbatch_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"eventsync/pkg/kafkaclient/recordbatch"
)

func headers() *rapid.Generator[[]recordbatch.Header] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) recordbatch.Header {
		return recordbatch.Header{Key: rapid.StringN(0, 100, -1).Draw(t, "name"), Value: nullable().Draw(t, "header")}
	}), 0, 80)
}

// TestHeadersAreReadBack reads them with our own reader, and with another library.
func TestHeadersAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(headers(), 1, 10).Draw(t, "headers")
		var b recordbatch.Builder
		for _, hs := range want {
			before := b.Size()
			b.Append(1, []byte("k"), nil, hs...)
			if added, most := b.Size()-before, recordbatch.RecordSize([]byte("k"), nil, hs...); added > most {
				t.Fatalf("a record took %d bytes, and at most %d were announced", added, most)
			}
		}
		sealed := b.Seal(nil, nil)
		batch, _, err := recordbatch.Parse(sealed)
		if err != nil {
			t.Fatal(err)
		}
		var d recordbatch.Decoder
		own, err := d.Records(nil, &batch)
		if err != nil || len(own) != len(want) || string(own[0].Key) != "k" || own[0].Value != nil {
			t.Fatalf("our own reader: %v, %v", own, err)
		}
		for i := range own {
			if got, err := own[i].Headers.Parse(); err != nil || !slices.EqualFunc(got, want[i], sameHeader) {
				t.Fatalf("record %d: our own reader gives %v (%v), wrote %v", i, got, err, want[i])
			}
		}
		var theirs kmsg.RecordBatch
		if err := theirs.ReadFrom(sealed); err != nil {
			t.Fatal(err)
		}
		for i, rest := 0, theirs.Records; i < len(want); i++ {
			var r kmsg.Record
			length, n := binary.Varint(rest)
			end := n + int(length)
			if err := r.ReadFrom(rest[:end]); err != nil {
				t.Fatal(err)
			}
			rest = rest[end:]
			if !slices.EqualFunc(r.Headers, want[i], func(a kmsg.Header, b recordbatch.Header) bool {
				return a.Key == b.Key && bytes.Equal(a.Value, b.Value) && (a.Value == nil) == (b.Value == nil)
			}) {
				t.Fatalf("record %d: read %v, wrote %v", i, r.Headers, want[i])
			}
		}
	})
}

func sameHeader(a, b recordbatch.Header) bool {
	return a.Key == b.Key && bytes.Equal(a.Value, b.Value) && (a.Value == nil) == (b.Value == nil)
}

func FuzzRawHeaders(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0})
	f.Add([]byte{2, 2, 'a', 1})            // a null value
	f.Add([]byte{4, 2, 'a', 2, 'b', 0, 0}) // two
	f.Add([]byte{2, 1, 1})                 // a null name
	f.Add(binary.AppendVarint(nil, 1<<40))
	f.Fuzz(func(t *testing.T, raw []byte) {
		headers, err := recordbatch.RawHeaders(raw).Parse()
		if err == nil && len(headers) > len(raw) || err != nil && headers != nil {
			t.Fatalf("%x: %v, %v", raw, headers, err)
		}
	})
}
