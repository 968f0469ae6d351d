package batch

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

// Of ClickHouse's LowCardinality serialization: https://github.com/ClickHouse/ClickHouse, SerializationLowCardinality.
const (
	dictionaryVersion = 1         // of the keys' serialization
	additionalKeys    = 0x2 << 8  // the block brings its own values,
	updateDictionary  = 0x4 << 8  // which are all that its rows refer to
	firstTableSize    = 1 << 8    // slots
	hashMultiplier    = 2         // slots per value at least
	keyUInt8          = uint64(0) // widths of a row's reference
	keyUInt16         = uint64(1)
	keyUInt32         = uint64(2)
)

// dictionary is a LowCardinality column: its distinct values once, and per row a reference to one. ch-go's own column
// keeps a Go string per row and builds its dictionary at the insert; this one hashes the encoded bytes as they come.
type dictionary struct {
	values plain // the distinct values; the first one is NULL (or in a column that has none, the zero value)
	ends   []int // where each value ends in values.buf
	keys   []uint32
	null   bool // whether NULL differs from the zero value

	seed  maphash.Seed
	table []uint32 // open addressing: 1 + the index of a value; 0 is free
	mask  uint64   // len(table) - 1: a power of two's
}

func newDictionary(p plain, null bool) *dictionary {
	d := &dictionary{values: p, null: null, seed: maphash.MakeSeed(), table: make([]uint32, firstTableSize), mask: firstTableSize - 1}
	d.reset()
	return d
}

func (d *dictionary) append(c *conversion, v *change.Value) (int, error) {
	if v.Kind != c.kind {
		if !isNull(v) {
			return 0, errKind
		}
		d.keys = append(d.keys, 0)
		return 4, nil
	}
	start := len(d.values.buf)
	buf, err := c.append(d.values.buf, v)
	if err != nil {
		return 0, err
	}
	key, known := d.find(buf[start:])
	d.keys = append(d.keys, key)
	if known {
		d.values.buf = buf[:start]
		return 4, nil
	}
	d.values.buf = buf
	d.ends = append(d.ends, len(buf))
	if len(d.ends)*hashMultiplier > len(d.table) {
		d.grow()
	}
	return 4 + len(buf) - start, nil
}

// find gives the index of a value, and takes the next free one for a value that is not known.
func (d *dictionary) find(value []byte) (key uint32, known bool) {
	for slot := maphash.Bytes(d.seed, value) & d.mask; ; slot = (slot + 1) & d.mask {
		entry := d.table[slot]
		if entry == 0 {
			key = uint32(len(d.ends)) //nolint:gosec // G115: a batch has fewer rows than 2^32
			d.table[slot] = key + 1
			return key, false
		}
		if bytes.Equal(d.value(entry-1), value) {
			return entry - 1, true
		}
	}
}

func (d *dictionary) value(key uint32) []byte {
	start := 0
	if key > 0 {
		start = d.ends[key-1]
	}
	return d.values.buf[start:d.ends[key]]
}

func (d *dictionary) grow() {
	d.table, d.mask = make([]uint32, 2*len(d.table)), 2*d.mask+1
	d.index()
}

// index enters all values into an empty table.
func (d *dictionary) index() {
	first := 0
	if d.null {
		first = 1 // a real zero value is not NULL
	}
	for key := first; key < len(d.ends); key++ {
		slot := maphash.Bytes(d.seed, d.value(uint32(key))) & d.mask
		for d.table[slot] != 0 {
			slot = (slot + 1) & d.mask
		}
		d.table[slot] = uint32(key) + 1
	}
}

// removeLast leaves the value in the dictionary, where it does no harm.
func (d *dictionary) removeLast() { d.keys = d.keys[:len(d.keys)-1] }

func (d *dictionary) reset() {
	d.keys = d.keys[:0]
	clear(d.table)
	d.values.buf = append(d.values.buf[:0], d.values.zero...)
	d.ends = append(d.ends[:0], len(d.values.buf))
	d.index()
}

func (d *dictionary) Type() proto.ColumnType { return d.values.typ }

func (d *dictionary) Rows() int { return len(d.keys) }

// EncodeState writes what stands before the column in each block.
func (d *dictionary) EncodeState(b *proto.Buffer) {
	b.Buf = binary.LittleEndian.AppendUint64(b.Buf, dictionaryVersion)
}

func (d *dictionary) EncodeColumn(b *proto.Buffer) {
	width := keyUInt32
	switch n := len(d.ends); {
	case n <= math.MaxUint8+1:
		width = keyUInt8
	case n <= math.MaxUint16+1:
		width = keyUInt16
	}
	b.Buf = binary.LittleEndian.AppendUint64(b.Buf, width|additionalKeys|updateDictionary)
	b.Buf = binary.LittleEndian.AppendUint64(b.Buf, uint64(len(d.ends)))
	b.Buf = append(b.Buf, d.values.buf...)
	b.Buf = binary.LittleEndian.AppendUint64(b.Buf, uint64(len(d.keys)))
	for _, k := range d.keys {
		switch width {
		case keyUInt8:
			b.Buf = append(b.Buf, byte(k)) //nolint:gosec // G115: the width was chosen for it
		case keyUInt16:
			b.Buf = binary.LittleEndian.AppendUint16(b.Buf, uint16(k)) //nolint:gosec // G115: the width was chosen for it
		default:
			b.Buf = binary.LittleEndian.AppendUint32(b.Buf, k)
		}
	}
}

func (d *dictionary) WriteColumn(w *proto.Writer) { w.ChainBuffer(d.EncodeColumn) }
