package batch

import "encoding/binary"

// cells walks through a column's rows.
type cells interface {
	// next appends bytes that only an equal value has, and of which none begins with those of another value.
	next(b []byte) []byte
}

// plainCells are values in the Native format: of one width, or (with width 0) each behind its length.
type plainCells struct {
	buf   []byte
	width int
}

// cut gives the next value, its length included.
func (c *plainCells) cut() (value []byte) {
	end := c.width
	if end == 0 {
		n, size := binary.Uvarint(c.buf)
		end = size + int(n) //nolint:gosec // G115: we have written it
	}
	value, c.buf = c.buf[:end], c.buf[end:]
	return value
}

func (c *plainCells) next(b []byte) []byte { return append(b, c.cut()...) }

// nullableCells pass over what stands where a NULL is.
type nullableCells struct {
	mask   []byte
	values plainCells
}

func (c *nullableCells) next(b []byte) []byte {
	null, value := c.mask[0], c.values.cut()
	c.mask = c.mask[1:]
	if null != 0 {
		return append(b, 1)
	}
	return append(append(b, 0), value...)
}

// dictionaryCells are those of the same column without LowCardinality.
type dictionaryCells struct {
	d   *dictionary
	row int
}

func (c *dictionaryCells) next(b []byte) []byte {
	key := c.d.keys[c.row]
	c.row++
	if c.d.null {
		if key == 0 {
			return append(b, 1)
		}
		b = append(b, 0)
	}
	return append(b, c.d.values.value(key)...)
}

// arrayCells are the number of a row's elements, and they.
type arrayCells struct {
	offsets  plainCells
	elements cells
	before   uint64
}

func (c *arrayCells) next(b []byte) []byte {
	end := binary.LittleEndian.Uint64(c.offsets.cut())
	b = binary.AppendUvarint(b, end-c.before)
	for ; c.before < end; c.before++ {
		b = c.elements.next(b)
	}
	return b
}
