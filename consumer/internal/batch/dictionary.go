package batch

import (
	"encoding/binary"
	"math"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

// Of ClickHouse's LowCardinality serialization: https://github.com/ClickHouse/ClickHouse, SerializationLowCardinality.
const (
	dictionaryVersion = 1         // of the keys' serialization
	additionalKeys    = 0x2 << 8  // the block brings its own values,
	updateDictionary  = 0x4 << 8  // which are all that its rows refer to
	keyUInt8          = uint64(0) // widths of a row's reference
	keyUInt16         = uint64(1)
	keyUInt32         = uint64(2)
)

// dictionary is a LowCardinality column: its distinct values once, and per row a reference to one. ch-go's own column
// keeps a Go string per row and builds its dictionary at the insert; this one hashes the encoded bytes as they come.
type dictionary struct {
	values interner // the first one is NULL (or in a column that has none, the zero value)
	keys   []uint32
	null   bool // whether NULL differs from the zero value
	typ    *typeName
	zero   []byte
}

func newDictionary(t *typeName, zero []byte) *dictionary {
	d := &dictionary{values: newInterner(), null: t.nullable, typ: t, zero: zero}
	if d.null {
		d.values.hidden = 1 // a real zero value is not NULL
	}
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
	key, known := d.values.take(buf)
	d.keys = append(d.keys, key)
	if known {
		return 4, nil
	}
	return 4 + len(buf) - start, nil
}

// truncate leaves the values in the dictionary, where they do no harm.
func (d *dictionary) truncate(rows int) { d.keys = d.keys[:rows] }

// keep leaves the values that no row refers to any more in the dictionary.
func (d *dictionary) keep(rows []bool) { d.keys = compact(d.keys, rows) }

func (d *dictionary) reset() {
	d.keys = d.keys[:0]
	d.values.reset()
	d.values.buf = append(d.values.buf, d.zero...)
	d.values.ends = append(d.values.ends, len(d.values.buf))
	if !d.null {
		d.values.index()
	}
}

func (d *dictionary) size() int { return 4*len(d.keys) + len(d.values.buf) }

func (d *dictionary) cells() cells { return &dictionaryCells{d, 0} }

func (d *dictionary) Type() proto.ColumnType { return d.typ.columnType() }

func (d *dictionary) Rows() int { return len(d.keys) }

// EncodeState writes what stands before the column in each block.
func (d *dictionary) EncodeState(b *proto.Buffer) {
	b.Buf = binary.LittleEndian.AppendUint64(b.Buf, dictionaryVersion)
}

func (d *dictionary) EncodeColumn(b *proto.Buffer) {
	if len(d.keys) == 0 { // of the elements of empty arrays nothing is read
		return
	}
	width := keyUInt32
	switch n := len(d.values.ends); {
	case n <= math.MaxUint8+1:
		width = keyUInt8
	case n <= math.MaxUint16+1:
		width = keyUInt16
	}
	b.Buf = binary.LittleEndian.AppendUint64(b.Buf, width|additionalKeys|updateDictionary)
	b.Buf = binary.LittleEndian.AppendUint64(b.Buf, uint64(len(d.values.ends)))
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
