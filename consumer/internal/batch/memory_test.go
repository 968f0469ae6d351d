package batch

import "testing"

// A batch keeps the memory that it uses now and then, and gives back what only one has needed.
func TestMemoryIsGivenBack(t *testing.T) {
	b := eventsTarget(t).NewBatch(&kept{})
	rows := messages(t, 30_000)
	held := func() (bytes int) {
		for _, c := range b.columns {
			if p, ok := c.(*plain); ok {
				bytes += cap(p.buf)
			}
		}
		return bytes
	}
	appendAll(t, b, rows)
	size := held()
	for range 3 {
		for range patience - 1 {
			b.Reset()
			appendAll(t, b, rows[:10])
		}
		if held() < size {
			t.Fatalf("%d bytes are held, %d were", held(), size)
		}
		b.Reset()
		appendAll(t, b, rows)
	}
	for range patience + 1 {
		b.Reset()
		appendAll(t, b, rows[:10])
	}
	if got := held(); got > size/100 || b.Rows() != 10 {
		t.Errorf("%d bytes are held by %d rows, %d were", got, b.Rows(), size)
	}
}
