package pgvalue

import (
	"bytes"
	"encoding/binary"
)

// fields reads the fields of a binary value. After one that is not whole there all are zero, and short is set.
type fields struct {
	b     []byte
	short bool
}

func (f *fields) take(n int) []byte {
	if n < 0 || n > len(f.b) {
		f.b, f.short = nil, true
		return nil
	}
	field := f.b[:n]
	f.b = f.b[n:]
	return field
}

func (f *fields) uint8() byte {
	if b := f.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (f *fields) uint16() uint16 {
	if b := f.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (f *fields) uint32() uint32 {
	if b := f.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (f *fields) uint64() uint64 {
	if b := f.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (f *fields) int32() int32 { return int32(f.uint32()) } //nolint:gosec // G115: the bits are kept
func (f *fields) int64() int64 { return int64(f.uint64()) } //nolint:gosec // G115: the bits are kept

// sized reads bytes behind their number; null says that there are none because the number is -1.
func (f *fields) sized() (b []byte, null bool) {
	n := f.int32()
	if n == -1 {
		return nil, true
	}
	return f.take(int(n)), false
}

// string reads bytes up to a zero one.
func (f *fields) string() []byte {
	n := bytes.IndexByte(f.b, 0)
	s := f.take(n)
	f.take(1)
	return s
}

// end reports whether everything was there, and nothing is left.
func (f *fields) end() bool { return !f.short && len(f.b) == 0 }
