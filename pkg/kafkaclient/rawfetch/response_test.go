package rawfetch

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/segmentio/kafka-go"
)

// answer is a Fetch answer of version 11 about one partition.
func answer(batches []byte, aborted ...AbortedTransaction) []byte {
	b := binary.BigEndian.AppendUint32(nil, 0)                      // throttled
	b = append(b, 0, 0, 0, 0, 0, 0)                                 // no error, no session
	b = append(b, 0, 0, 0, 1, 0, 1, 't', 0, 0, 0, 1)                // one topic, one partition
	b = append(b, 0, 0, 0, 3, 0, byte(kafka.NotLeaderForPartition)) // number 3, and its error
	for _, offset := range []uint64{100, 90, 10} {                  // high watermark, last stable offset, start of the log
		b = binary.BigEndian.AppendUint64(b, offset)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(aborted)))
	for _, a := range aborted {
		b = binary.BigEndian.AppendUint64(b, uint64(a.ProducerID))
		b = binary.BigEndian.AppendUint64(b, uint64(a.FirstOffset))
	}
	b = append(b, 0xff, 0xff, 0xff, 0xff) // no preferred replica
	b = binary.BigEndian.AppendUint32(b, uint32(len(batches)))
	return append(b, batches...)
}

func TestParse(t *testing.T) {
	whole := answer([]byte("batches"), AbortedTransaction{7, 50}, AbortedTransaction{8, 20})
	r := Response{buffer: slices.Clone(whole)}
	if err := r.parse(11); err != nil {
		t.Fatal(err)
	}
	if r.Err != kafka.NotLeaderForPartition || r.HighWatermark != 100 || r.LastStable != 90 || r.LogStart != 10 || string(r.Batches) != "batches" {
		t.Errorf("%+v", r)
	}
	if want := []AbortedTransaction{{8, 20}, {7, 50}}; !slices.Equal(r.Aborted, want) {
		t.Errorf("aborted %v, want them by their first offset: %v", r.Aborted, want)
	}
	for n := range whole { // cut anywhere
		r.buffer = slices.Clone(whole[:n])
		if err := r.parse(11); err == nil {
			t.Errorf("cut to %d of %d bytes, it is read as %+v", n, len(whole), r)
		}
	}
}

// Whatever a broker answers, reading it ends, stays inside the answer and takes no more memory than that.
func FuzzParse(f *testing.F) {
	f.Add(answer([]byte("batches"), AbortedTransaction{7, 50}), int16(11))
	f.Add(answer(nil), int16(4))
	f.Fuzz(func(t *testing.T, b []byte, version int16) {
		r := Response{buffer: b}
		if r.parse(version) != nil {
			return
		}
		if !bytes.Contains(b, r.Batches) || 16*len(r.Aborted) > len(b) {
			t.Fatalf("%d bytes of batches and %d aborted transactions out of %d bytes", len(r.Batches), len(r.Aborted), len(b))
		}
	})
}
