package gateway

import (
	"bufio"
	"fmt"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse/internal/native"
)

// block is a block from the client.
type block struct {
	columns []native.Column
	rows    int
	data    []byte // as in a Native file
}

// isEnd tells the block that ends a client's data from those without rows.
func (b block) isEnd() bool { return len(b.columns) == 0 }

// receive reads the rest of a Data packet. The block's data goes into buffer, which may be nil.
func (n *session) receive(buffer []byte) (block, error) {
	if proto.FeatureTempTables.In(n.revision) {
		if _, err := n.fields.Str(); err != nil { // the table's name; always empty from a client
			return block{}, err
		}
	}
	w := native.Walker{In: n.raw, Out: buffer[:0]}
	if n.compressed {
		w.In = n.unpacked
	}
	if proto.FeatureBlockInfo.In(n.revision) {
		if err := skipInfo(w.In); err != nil {
			return block{}, fmt.Errorf("block info: %w", err)
		}
	}
	columns, rows, err := w.Block(n.layout(), native.File)
	if err != nil {
		return block{}, fmt.Errorf("block: %w", err)
	}
	return block{columns: columns, rows: rows, data: w.Out}, nil
}

// dropBlock reads a block that nobody wants.
func (n *session) dropBlock() error {
	_, err := n.receive(nil)
	return err
}

// skipInfo reads the fields in front of a block, which mean something between servers only.
func skipInfo(r *bufio.Reader) error {
	const end, overflows, bucket = 0, 1, 2
	for {
		field, err := r.ReadByte()
		if err != nil {
			return err
		}
		size := 0
		switch field {
		case end:
			return nil
		case overflows:
			size = 1
		case bucket:
			size = 4
		default:
			return fmt.Errorf("unknown field %d", field)
		}
		if _, err := r.Discard(size); err != nil {
			return err
		}
	}
}
