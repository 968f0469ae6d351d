package replication

import (
	"bytes"
	"encoding/binary"
	"errors"
)

var errShort = errors.New("a message that ends too early")

// cursor reads a message's fields. After one that is not whole there, all are zero and err says so.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) take(n int) []byte {
	if n < 0 || len(c.b) < n {
		c.b, c.err = nil, errShort
		return nil
	}
	field := c.b[:n]
	c.b = c.b[n:]
	return field
}

func (c *cursor) byte() byte {
	if f := c.take(1); f != nil {
		return f[0]
	}
	return 0
}

func (c *cursor) uint16() uint16 {
	if f := c.take(2); f != nil {
		return binary.BigEndian.Uint16(f)
	}
	return 0
}

func (c *cursor) uint32() uint32 {
	if f := c.take(4); f != nil {
		return binary.BigEndian.Uint32(f)
	}
	return 0
}

func (c *cursor) uint64() uint64 {
	if f := c.take(8); f != nil {
		return binary.BigEndian.Uint64(f)
	}
	return 0
}

// string reads a text that ends with a zero byte.
func (c *cursor) string() string {
	end := bytes.IndexByte(c.b, 0)
	if end < 0 {
		c.b, c.err = nil, errShort
		return ""
	}
	s := string(c.b[:end])
	c.b = c.b[end+1:]
	return s
}
