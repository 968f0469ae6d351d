package recordbatch_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"eventsync/pkg/kafkaclient/recordbatch"
)

func TestASplitBatchHoldsTheSameRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Map(records(), func(rs []recordbatch.Record) []recordbatch.Record { return append(rs, rs[0]) }).Draw(t, "records")
		var first, second recordbatch.Builder
		for _, r := range want {
			first.Append(r.Timestamp, r.Key, r.Value, headers().Draw(t, "headers")...)
		}
		whole := first.Size()
		first.Split(&second)
		if half := len(want) / 2; first.Count() != half || second.Count() != len(want)-half {
			t.Fatalf("%d records became %d and %d", len(want), first.Count(), second.Count())
		}
		if first.Size() >= whole || second.Size() > whole+len(want) { // whose timestamps may be farther from the first
			t.Fatalf("%d bytes became %d and %d", whole, first.Size(), second.Size())
		}
		var got []recordbatch.Record
		for _, b := range []*recordbatch.Builder{&first, &second} {
			batch, rest, err := recordbatch.Parse(b.Seal(nil, nil))
			if err != nil || len(rest) > 0 {
				t.Fatal(err)
			}
			d := recordbatch.Decoder{MaxSize: 10 << 20}
			offset := int64(len(got))
			if got, err = d.Records(got, &batch); err != nil {
				t.Fatal(err)
			}
			for i := range got[offset:] {
				got[int(offset)+i].Offset += offset
			}
		}
		for i := range want {
			want[i].Offset = int64(i)
		}
		if !slices.EqualFunc(got, want, equal) {
			t.Fatalf("read %v, wrote %v", got, want)
		}
	})
}
