// Package wire reads the fields of Kafka's answers where they stand.
package wire

import "encoding/binary"

// Cursor reads big-endian fields one after the other; after the first that is not there it gives zeros.
type Cursor struct {
	Rest   []byte // what follows
	Failed bool   // a field was not there
}

// Take gives the next n bytes, which alias what is read.
func (c *Cursor) Take(n int) []byte {
	if n < 0 || n > len(c.Rest) {
		c.Failed, c.Rest = true, nil
		return nil
	}
	b := c.Rest[:n:n]
	c.Rest = c.Rest[n:]
	return b
}

// Int16 reads two bytes.
func (c *Cursor) Int16() int16 {
	if b := c.Take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b)) //nolint:gosec // G115: the field is signed
	}
	return 0
}

// Int32 reads four bytes.
func (c *Cursor) Int32() int32 {
	if b := c.Take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b)) //nolint:gosec // G115: the field is signed
	}
	return 0
}

// Int64 reads eight bytes.
func (c *Cursor) Int64() int64 {
	if b := c.Take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b)) //nolint:gosec // G115: the field is signed
	}
	return 0
}

// Uvarint reads a number of variable length.
func (c *Cursor) Uvarint() uint64 {
	v, n := binary.Uvarint(c.Rest)
	if n <= 0 {
		c.Take(-1)
		return 0
	}
	c.Rest = c.Rest[n:]
	return v
}

// Length reads that of a compact array or text, which is written as one more; 0 stands for null.
func (c *Cursor) Length() int {
	n := c.Uvarint()
	if n > uint64(len(c.Rest))+1 {
		c.Take(-1)
		return 0
	}
	return max(int(n), 1) - 1 //nolint:gosec // G115: no more than there are bytes
}

// Text passes over a compact text.
func (c *Cursor) Text() { c.Take(c.Length()) }

// Tags passes over tagged fields.
func (c *Cursor) Tags() {
	for n := c.Uvarint(); n > 0 && !c.Failed; n-- {
		c.Uvarint()
		size := c.Uvarint()
		c.Take(int(min(size, uint64(len(c.Rest))+1))) //nolint:gosec // G115: no more than there are bytes
	}
}
