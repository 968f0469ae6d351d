package batch

import (
	"encoding/binary"
	"slices"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

// plain is a column whose values stand one behind the other. It is what the other columns are made of.
type plain struct {
	typ   proto.ColumnType
	width int    // of each value; 0: each begins with its length
	zero  []byte // stands for NULL
	buf   []byte
	rows  int
	last  int // where the last row begins
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

func (p *plain) truncate(rows int) {
	switch {
	case p.width > 0:
		p.buf = p.buf[:rows*p.width]
	case rows == p.rows-1 && p.last < len(p.buf):
		p.buf = p.buf[:p.last]
	default:
		values := plainCells{p.buf, 0}
		for range rows {
			values.cut()
		}
		p.buf = p.buf[:len(p.buf)-len(values.buf)]
	}
	p.rows, p.last = rows, len(p.buf)
}

func (p *plain) keep(rows []bool) {
	to, count := 0, 0
	values := plainCells{p.buf, p.width}
	for _, stays := range rows {
		if value := values.cut(); stays {
			to += copy(p.buf[to:], value)
			count++
		}
	}
	p.buf, p.rows, p.last = p.buf[:to], count, to
}

// compact gives the elements whose entry is true, in the same memory.
func compact[T any](all []T, rows []bool) []T {
	to := 0
	for i, stays := range rows {
		if stays {
			all[to] = all[i]
			to++
		}
	}
	return all[:to]
}

func (p *plain) reset() { p.buf, p.rows, p.last = p.buf[:0], 0, 0 }

func (p *plain) size() int { return len(p.buf) }

func (p *plain) cells() cells { return &plainCells{p.buf, p.width} }

// Type is the target column's.
func (p *plain) Type() proto.ColumnType { return p.typ }

// Rows is the number of rows.
func (p *plain) Rows() int { return p.rows }

// EncodeColumn copies the column into a block that will be compressed.
func (p *plain) EncodeColumn(b *proto.Buffer) { b.Buf = append(b.Buf, p.buf...) }

// WriteColumn lets the connection write the column without a copy.
func (p *plain) WriteColumn(w *proto.Writer) { w.ChainWrite(p.buf) }

// Reset makes the column ready to be read into.
func (p *plain) Reset() { p.reset() }

// DecodeColumn reads the column of a block.
func (p *plain) DecodeColumn(r *proto.Reader, rows int) (err error) {
	p.rows = rows
	if p.width > 0 {
		p.buf = slices.Grow(p.buf[:0], rows*p.width)[:rows*p.width]
		return r.ReadFull(p.buf)
	}
	for range rows {
		n, err := r.StrLen()
		if err != nil {
			return err
		}
		p.buf = binary.AppendUvarint(p.buf, uint64(n)) //nolint:gosec // G115: a length is positive
		at := len(p.buf)
		p.buf = slices.Grow(p.buf, n)[:at+n]
		if err := r.ReadFull(p.buf[at:]); err != nil {
			return err
		}
	}
	return nil
}
