package recordbatch_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"eventsync/pkg/kafkaclient/recordbatch"
)

var compressions = []string{"none", "lz4", "zstd"}

// nullable draws bytes, some of which are nil, some empty, some long and the same over and over.
func nullable() *rapid.Generator[[]byte] {
	return rapid.OneOf(
		rapid.Just([]byte(nil)),
		rapid.SliceOfN(rapid.Byte(), 0, 200),
		rapid.Map(rapid.IntRange(0, 5000), func(n int) []byte { return bytes.Repeat([]byte("ab"), n) }),
	)
}

func records() *rapid.Generator[[]recordbatch.Record] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) recordbatch.Record {
		return recordbatch.Record{
			Timestamp: rapid.Int64Range(0, 1<<45).Draw(t, "timestamp"),
			Key:       nullable().Draw(t, "key"),
			Value:     nullable().Draw(t, "value"),
		}
	}), 1, 60)
}

func seal(t interface{ Fatal(...any) }, compression string, rs []recordbatch.Record) []byte {
	c, err := recordbatch.NewCompressor(compression)
	if err != nil {
		t.Fatal(err)
	}
	var b recordbatch.Builder
	for _, r := range rs {
		b.Append(r.Timestamp, r.Key, r.Value)
	}
	return b.Seal(nil, c)
}

func equal(a, b recordbatch.Record) bool {
	same := func(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }
	return a.Offset == b.Offset && a.Timestamp == b.Timestamp && same(a.Key, b.Key) && same(a.Value, b.Value)
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := records().Draw(t, "records")
		for i := range want {
			want[i].Offset = int64(i)
		}
		compression := rapid.SampledFrom(compressions).Draw(t, "compression")
		tail := []byte("what follows")
		batch, rest, err := recordbatch.Parse(append(seal(t, compression, want), tail...))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(rest, tail) {
			t.Fatalf("the rest is %q", rest)
		}
		if batch.BaseOffset != 0 || batch.LastOffset != int64(len(want)-1) || batch.Control || batch.Transactional {
			t.Fatalf("header: %+v", batch)
		}
		d := recordbatch.Decoder{MaxSize: 10 << 20}
		got, err := d.Records(nil, &batch)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, equal) {
			t.Fatalf("read %v, wrote %v", got, want)
		}
	})
}

func TestBuilderTellsItsSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b recordbatch.Builder
		for _, r := range records().Draw(t, "records") {
			before, most := b.Size(), recordbatch.RecordSize(r.Key, r.Value)
			b.Append(r.Timestamp, r.Key, r.Value)
			if added := b.Size() - before; added > most {
				t.Fatalf("a record took %d bytes, and at most %d were announced", added, most)
			}
		}
		if got := len(b.Seal(nil, nil)); got != b.Size() {
			t.Fatalf("the batch has %d bytes, and %d were announced", got, b.Size())
		}
	})
}

func TestCompressionNeverMakesABatchLarger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := records().Draw(t, "records")
		plain := len(seal(t, "none", rs))
		for _, c := range compressions {
			if n := len(seal(t, c, rs)); n > plain {
				t.Fatalf("%s: %d bytes, without compression %d", c, n, plain)
			}
		}
	})
}

func TestNoRecordsAreNoBatch(t *testing.T) {
	var b recordbatch.Builder
	if got := b.Seal(nil, nil); len(got) != 0 {
		t.Fatalf("got %d bytes", len(got))
	}
}

func TestUnknownCompressionIsRefused(t *testing.T) {
	if _, err := recordbatch.NewCompressor("gzip"); err == nil {
		t.Fatal("gzip was taken, and cannot be written")
	}
}
