package batch

import (
	"encoding/binary"
	"slices"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

// array is a column of arrays: where each row's elements end, then all elements. NULL is the empty array.
type array struct {
	typ     proto.ColumnType
	ends    []byte // 64 bits each
	element column

	item    change.Value // the element being added; here, since on the stack it would escape
	scratch []byte       // for the text of elements with backslashes
}

func (a *array) append(c *conversion, v *change.Value) (int, error) {
	grown, had := 8, a.element.Rows()
	if v.Kind != c.kind {
		if !isNull(v) {
			return 0, errKind
		}
	} else {
		rest, n, err := a.read(c, skipBounds(v.Bytes))
		if err == nil && len(rest) > 0 {
			err = errArray
		}
		if err != nil {
			a.element.truncate(had)
			return 0, err
		}
		grown += n
	}
	a.end()
	return grown, nil
}

func (a *array) end() {
	a.ends = binary.LittleEndian.AppendUint64(a.ends, uint64(a.element.Rows())) //nolint:gosec // G115: a number of rows
}

func (a *array) truncate(rows int) {
	a.ends = a.ends[:8*rows]
	a.element.truncate(a.elements())
}

// elements is the number of elements in all rows.
func (a *array) elements() int {
	if len(a.ends) == 0 {
		return 0
	}
	return int(binary.LittleEndian.Uint64(a.ends[len(a.ends)-8:])) //nolint:gosec // G115: we have written it, or have read so many
}

func (a *array) keep(rows []bool) {
	elements := make([]bool, a.elements())
	from, to, kept := 0, 0, uint64(0)
	for i, stays := range rows {
		end := int(binary.LittleEndian.Uint64(a.ends[8*i:])) //nolint:gosec // G115: we have written it
		if stays {
			for j := from; j < end; j++ {
				elements[j] = true
			}
			kept += uint64(end - from) //nolint:gosec // G115: ends grow
			binary.LittleEndian.PutUint64(a.ends[8*to:], kept)
			to++
		}
		from = end
	}
	a.ends = a.ends[:8*to]
	a.element.keep(elements)
}

func (a *array) reset() {
	a.ends = a.ends[:0]
	a.element.reset()
}

func (a *array) size() int { return len(a.ends) + a.element.size() }

func (a *array) cells() cells {
	return &arrayCells{plainCells{a.ends, 8}, a.element.cells(), 0}
}

// Type is the target column's.
func (a *array) Type() proto.ColumnType { return a.typ }

// Rows is the number of rows.
func (a *array) Rows() int { return len(a.ends) / 8 }

// EncodeState writes what the elements have before the column in each block.
func (a *array) EncodeState(b *proto.Buffer) {
	if s, ok := a.element.(proto.StateEncoder); ok {
		s.EncodeState(b)
	}
}

// EncodeColumn copies the column into a block that will be compressed.
func (a *array) EncodeColumn(b *proto.Buffer) {
	b.Buf = append(b.Buf, a.ends...)
	a.element.EncodeColumn(b)
}

// WriteColumn lets the connection write the column without a copy.
func (a *array) WriteColumn(w *proto.Writer) {
	w.ChainWrite(a.ends)
	a.element.WriteColumn(w)
}

// Reset makes the column ready to be read into.
func (a *array) Reset() { a.reset() }

// DecodeColumn reads the column of a block.
func (a *array) DecodeColumn(r *proto.Reader, rows int) error {
	a.ends = slices.Grow(a.ends[:0], 8*rows)[:8*rows]
	if err := r.ReadFull(a.ends); err != nil {
		return err
	}
	return a.element.(answer).DecodeColumn(r, a.elements())
}
