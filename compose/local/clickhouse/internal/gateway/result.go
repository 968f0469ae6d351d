package gateway

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse/internal/native"
)

// frame is how much of a block goes into one compressed frame; several make a block.
const frame = 1 << 20

// result is what the client has been told of the current query.
type result struct {
	started bool // a block, with or without rows, has been sent
	profile proto.Profile
}

// layout is how blocks are encoded in the protocol.
func (n *session) layout() native.Layout {
	return native.Layout(proto.FeatureCustomSerialization.In(n.revision))
}

// forward sends the blocks of a result, or of a part of one.
func (n *session) forward(c Chunk) error {
	n.progress(c)
	buffer := min(1<<16, max(16, len(c.Data)))
	w := native.Walker{In: bufio.NewReaderSize(bytes.NewReader(c.Data), buffer)}
	for {
		w.Out = n.appendInfo(w.Out[:0])
		_, rows, err := w.Block(native.File, n.layout())
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := n.send(w.Out); err != nil {
			return err
		}
		n.result.profile.Rows += uint64(rows)
		n.result.profile.Blocks++
		n.result.profile.Bytes += uint64(len(w.Out))
	}
}

func (n *session) progress(c Chunk) {
	p := proto.Progress{Rows: c.ReadRows, Bytes: c.ReadBytes, WroteRows: c.WroteRows, WroteBytes: c.WroteBytes}
	if p != (proto.Progress{}) {
		proto.ServerCodeProgress.Encode(&n.out)
		p.EncodeAware(&n.out, n.revision)
	}
}

// appendInfo starts a block.
func (n *session) appendInfo(b []byte) []byte {
	buffer := proto.Buffer{Buf: b}
	if proto.FeatureBlockInfo.In(n.revision) {
		proto.BlockInfo{BucketNum: -1}.Encode(&buffer)
	}
	return buffer.Buf
}

// sendHeader sends a block without rows.
func (n *session) sendHeader(columns []native.Column) error {
	b := proto.Buffer{Buf: n.appendInfo(nil)}
	b.PutInt(len(columns))
	b.PutInt(0)
	for _, c := range columns {
		b.PutString(c.Name)
		b.PutString(c.Type)
		if n.layout() == native.Protocol {
			b.PutBool(false)
		}
	}
	return n.send(b.Buf)
}

// send sends an encoded block.
func (n *session) send(block []byte) error {
	n.result.started = true
	proto.ServerCodeData.Encode(&n.out)
	if proto.FeatureTempTables.In(n.revision) {
		n.out.PutString("")
	}
	if !n.compressed {
		n.out.PutRaw(block)
		return n.flush()
	}
	for len(block) > 0 {
		part := block[:min(len(block), frame)]
		if err := n.packer.Compress(part); err != nil {
			return err
		}
		n.out.PutRaw(n.packer.Data)
		block = block[len(part):]
	}
	return n.flush()
}

// finish tells the client that the query has succeeded.
func (n *session) finish() error {
	n.result.profile.EncodeAware(&n.out, n.revision)
	proto.ServerCodeEndOfStream.Encode(&n.out)
	return n.flush()
}
