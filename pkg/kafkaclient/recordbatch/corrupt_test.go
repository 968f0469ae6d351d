package recordbatch_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"

	"eventsync/pkg/kafkaclient/recordbatch"
)

func sample(t *testing.T, compression string) []byte {
	t.Helper()
	return seal(t, compression, []recordbatch.Record{
		{Timestamp: 1, Key: []byte("key"), Value: bytes.Repeat([]byte("value"), 100)},
		{Timestamp: 2, Value: bytes.Repeat([]byte("value"), 100)},
	})
}

// resum makes a batch's checksum right again, so that what is behind it is looked at.
func resum(b []byte) []byte {
	if len(b) >= recordbatch.HeaderSize {
		binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[21:], crc32.MakeTable(crc32.Castagnoli)))
	}
	return b
}

func TestEveryFlippedByteIsFound(t *testing.T) {
	for _, compression := range compressions {
		whole := sample(t, compression)
		for i := 17; i < len(whole); i++ { // what is before is the broker's to write, or decides how much to read
			b := bytes.Clone(whole)
			b[i] ^= 0x40
			batch, _, err := recordbatch.Parse(b)
			if err == nil {
				err = batch.Verify()
			}
			if !errors.Is(err, recordbatch.ErrCorrupt) {
				t.Fatalf("%s: byte %d flipped: %v", compression, i, err)
			}
		}
	}
}

func TestACutBatchIsToldFromACorruptOne(t *testing.T) {
	whole := sample(t, "none")
	for n := range whole {
		if _, _, err := recordbatch.Parse(whole[:n]); !errors.Is(err, recordbatch.ErrCut) {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	if got := recordbatch.Size(whole[:12]); got != len(whole) {
		t.Fatalf("size %d, and it is %d", got, len(whole))
	}
}

func TestBadHeadersAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(b []byte)
		want   error
	}{
		"an old format":                {func(b []byte) { b[16] = 1 }, recordbatch.ErrOld},
		"a negative size":              {func(b []byte) { b[8] = 0xff }, recordbatch.ErrCorrupt},
		"a size below the header's":    {func(b []byte) { binary.BigEndian.PutUint32(b[8:], 20) }, recordbatch.ErrCorrupt},
		"an end before the begin":      {func(b []byte) { b[23] = 0xff }, recordbatch.ErrCorrupt},
		"more records than bytes":      {func(b []byte) { binary.BigEndian.PutUint32(b[57:], 1<<30) }, recordbatch.ErrCorrupt},
		"a negative number of records": {func(b []byte) { b[57] = 0xff }, recordbatch.ErrCorrupt},
		"a record past the end":        {func(b []byte) { b[61] = 0xfe; b[62] |= 0x7f }, recordbatch.ErrCorrupt},
		"an offset past the last":      {func(b []byte) { b[26] = 0 }, recordbatch.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			b := sample(t, "none")
			c.change(b)
			batch, _, err := recordbatch.Parse(resum(b))
			if err == nil {
				d := recordbatch.Decoder{MaxSize: 1 << 20}
				_, err = d.Records(nil, &batch)
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestABatchThatExpandsTooFarIsRefused(t *testing.T) {
	for _, compression := range []string{"lz4", "zstd"} {
		b := seal(t, compression, []recordbatch.Record{{Value: make([]byte, 4<<20)}})
		batch, _, err := recordbatch.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		d := recordbatch.Decoder{MaxSize: 1 << 20}
		if _, err := d.Records(nil, &batch); err == nil {
			t.Errorf("%s: 4 MiB were read under a limit of 1 MiB", compression)
		}
	}
}

func TestControlRecords(t *testing.T) {
	for kind, aborts := range map[byte]bool{0: true, 1: false} {
		b := seal(t, "none", []recordbatch.Record{{Key: []byte{0, 0, 0, kind}, Value: []byte{0, 0, 0, 0, 0, 0}}})
		b[22] |= 0x30 // transactional, control
		batch, _, err := recordbatch.Parse(resum(b))
		if err != nil {
			t.Fatal(err)
		}
		if !batch.Control || !batch.Transactional || batch.Aborts() != aborts {
			t.Errorf("kind %d: control %v, transactional %v, aborts %v", kind, batch.Control, batch.Transactional, batch.Aborts())
		}
	}
}

func FuzzDecoder(f *testing.F) {
	for _, compression := range compressions {
		c, err := recordbatch.NewCompressor(compression)
		if err != nil {
			f.Fatal(err)
		}
		var b recordbatch.Builder
		b.Append(1, []byte("key"), bytes.Repeat([]byte("value"), 100))
		b.Append(2, nil, nil)
		f.Add(b.Seal(nil, c))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1 << 20
		d := recordbatch.Decoder{MaxSize: limit}
		for b = resum(b); len(b) > 0; {
			batch, rest, err := recordbatch.Parse(b)
			if err != nil {
				return
			}
			_ = batch.Aborts()
			records, err := d.Records(nil, &batch)
			if err != nil && len(records) > 0 {
				t.Fatalf("%d records came with the error %v", len(records), err)
			}
			for _, r := range records {
				if r.Offset < batch.BaseOffset || r.Offset > batch.LastOffset || len(r.Key)+len(r.Value) > limit+len(b) {
					t.Fatalf("record %+v of batch %+v", r, batch)
				}
			}
			b = rest
		}
	})
}
