package batch

import (
	"slices"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

// nullable is a column with one byte a row before all values: 1 for NULL.
type nullable struct {
	plain
	mask []byte
}

func (n *nullable) append(c *conversion, v *change.Value) (int, error) {
	grown, err := n.plain.append(c, v)
	if err != nil {
		return 0, err
	}
	null := byte(0)
	if v.Kind != c.kind { // the plain column has made sure that it is NULL then
		null = 1
	}
	n.mask = append(n.mask, null)
	return grown + 1, nil
}

func (n *nullable) truncate(rows int) {
	n.plain.truncate(rows)
	n.mask = n.mask[:rows]
}

func (n *nullable) reset() {
	n.plain.reset()
	n.mask = n.mask[:0]
}

func (n *nullable) keep(rows []bool) {
	n.plain.keep(rows)
	n.mask = compact(n.mask, rows)
}

func (n *nullable) size() int { return n.plain.size() + len(n.mask) }

func (n *nullable) cells() cells { return &nullableCells{n.mask, plainCells{n.buf, n.width}} }

// Reset makes the column ready to be read into.
func (n *nullable) Reset() { n.reset() }

// DecodeColumn reads the column of a block.
func (n *nullable) DecodeColumn(r *proto.Reader, rows int) error {
	n.mask = slices.Grow(n.mask[:0], rows)[:rows]
	if err := r.ReadFull(n.mask); err != nil {
		return err
	}
	return n.plain.DecodeColumn(r, rows)
}

func (n *nullable) EncodeColumn(b *proto.Buffer) {
	b.Buf = append(b.Buf, n.mask...)
	n.plain.EncodeColumn(b)
}

func (n *nullable) WriteColumn(w *proto.Writer) {
	w.ChainWrite(n.mask)
	n.plain.WriteColumn(w)
}
