package batch

import (
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

// column collects the values of one target column in the bytes of ClickHouse's Native format, and writes them out.
type column interface {
	proto.ColInput
	// append adds one row and gives the number of bytes that the column grew by. After an error nothing is added.
	append(c *conversion, v *change.Value) (grown int, err error)
	// removeLast takes back the last row, once.
	removeLast()
	// reset removes all rows and keeps the memory.
	reset()
}

func newColumn(t *typeName, zero []byte) column {
	p := plain{typ: t.columnType(), zero: zero}
	switch {
	case t.lowCardinality:
		return newDictionary(p, t.nullable)
	case t.nullable:
		return &nullable{plain: p}
	default:
		return &p
	}
}

// plain is a column whose values stand one behind the other. It is what the other columns are made of.
type plain struct {
	typ  proto.ColumnType
	zero []byte // stands for NULL
	buf  []byte
	rows int
	last int // where the last row begins
}

func (p *plain) append(c *conversion, v *change.Value) (int, error) {
	p.last = len(p.buf)
	if v.Kind != c.kind {
		if !isNull(v) {
			return 0, errKind
		}
		p.buf = append(p.buf, p.zero...)
	} else {
		buf, err := c.append(p.buf, v)
		if err != nil {
			return 0, err
		}
		p.buf = buf
	}
	p.rows++
	return len(p.buf) - p.last, nil
}

func isNull(v *change.Value) bool { return v.Kind == change.Null || v.Kind == change.Unavailable }

func (p *plain) removeLast() {
	p.buf = p.buf[:p.last]
	p.rows--
}

func (p *plain) reset() { p.buf, p.rows, p.last = p.buf[:0], 0, 0 }

// Type is the target column's.
func (p *plain) Type() proto.ColumnType { return p.typ }

// Rows is the number of rows.
func (p *plain) Rows() int { return p.rows }

// EncodeColumn copies the column into a block that will be compressed.
func (p *plain) EncodeColumn(b *proto.Buffer) { b.Buf = append(b.Buf, p.buf...) }

// WriteColumn lets the connection write the column without a copy.
func (p *plain) WriteColumn(w *proto.Writer) { w.ChainWrite(p.buf) }
