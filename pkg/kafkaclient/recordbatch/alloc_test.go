package recordbatch_test

import (
	"testing"

	"eventsync/pkg/kafkaclient/recordbatch"
)

const manyRecords = 2000

func fill(b *recordbatch.Builder) {
	value := []byte("a value of a hundred bytes or so, some of which another one has as well: 0123456789 0123456789 0123456789")
	for i := range manyRecords {
		value[0] = byte(i)
		b.Append(int64(i), value[:8], value)
	}
}

// maxAllocs is for a whole batch of manyRecords, some libraries allocating a little for each stream.
const maxAllocs = 20

func TestWritingAllocatesNothingPerRecord(t *testing.T) {
	for _, name := range compressions {
		c, err := recordbatch.NewCompressor(name)
		if err != nil {
			t.Fatal(err)
		}
		var b recordbatch.Builder
		var out []byte
		write := func() {
			b.Reset()
			fill(&b)
			out = b.Seal(out[:0], c)
		}
		write()
		if n := testing.AllocsPerRun(10, write); n > maxAllocs {
			t.Errorf("%s: %v allocations for %d records", name, n, manyRecords)
		}
	}
}

func TestReadingAllocatesNothingPerRecord(t *testing.T) {
	for _, name := range compressions {
		batch, d, records := filled(t, name)
		read := func() {
			var err error
			if records, err = d.Records(records[:0], batch); err != nil {
				t.Fatal(err)
			}
		}
		read()
		if n := testing.AllocsPerRun(10, read); n > maxAllocs {
			t.Errorf("%s: %v allocations for %d records", name, n, manyRecords)
		}
	}
}

func filled(t testing.TB, compression string) (*recordbatch.Batch, *recordbatch.Decoder, []recordbatch.Record) {
	t.Helper()
	c, err := recordbatch.NewCompressor(compression)
	if err != nil {
		t.Fatal(err)
	}
	var b recordbatch.Builder
	fill(&b)
	batch, _, err := recordbatch.Parse(b.Seal(nil, c))
	if err != nil {
		t.Fatal(err)
	}
	return &batch, &recordbatch.Decoder{MaxSize: 10 << 20}, nil
}

func BenchmarkWrite(b *testing.B) {
	for _, name := range compressions {
		b.Run(name, func(b *testing.B) {
			c, err := recordbatch.NewCompressor(name)
			if err != nil {
				b.Fatal(err)
			}
			var builder recordbatch.Builder
			var out []byte
			for b.Loop() {
				builder.Reset()
				fill(&builder)
				out = builder.Seal(out[:0], c)
			}
			rate(b)
			b.ReportMetric(float64(len(out))/manyRecords, "bytes/record")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, name := range compressions {
		b.Run(name, func(b *testing.B) {
			batch, d, records := filled(b, name)
			for b.Loop() {
				var err error
				if records, err = d.Records(records[:0], batch); err != nil {
					b.Fatal(err)
				}
			}
			rate(b)
		})
	}
}

func rate(b *testing.B) {
	b.Helper()
	b.ReportAllocs()
	b.ReportMetric(float64(b.N)*manyRecords/b.Elapsed().Seconds(), "records/s")
}
