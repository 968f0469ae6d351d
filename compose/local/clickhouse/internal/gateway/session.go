package gateway

import (
	"bufio"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/ch-go/proto"
)

// readBuffer is large because strings are copied straight from it.
const readBuffer = 1 << 20

// session is one client's connection with an engine session of its own.
type session struct {
	server *Server
	conn   net.Conn
	tag    string // in the log, and on the session's queries, so that they can be found and killed
	engine EngineSession

	raw      *bufio.Reader // bytes from the client
	unpacked *bufio.Reader // the same, decompressed
	fields   *proto.Reader // the protocol's fields, over raw
	out      proto.Buffer  // to be flushed
	packer   *compress.Writer

	revision   int  // that both sides speak
	compressed bool // whether the blocks of the current query are
	settings   settings
	result     result

	gone     chan struct{} // closed when the session shall end now
	goneOnce sync.Once
}

func newSession(server *Server, conn net.Conn, tag string) *session {
	raw := bufio.NewReaderSize(conn, readBuffer)
	return &session{
		server: server, conn: conn, tag: tag, raw: raw,
		unpacked: bufio.NewReaderSize(compress.NewReader(raw), readBuffer),
		fields:   proto.NewReader(raw),
		packer:   compress.NewWriter(compress.LevelZero, compress.LZ4),
		gone:     make(chan struct{}),
	}
}

// run serves the client until it leaves; its error, which there always is, says how. io.EOF is the usual end.
func (n *session) run() error {
	if err := n.handshake(); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	for {
		code, err := n.packet(0)
		if err != nil {
			return err
		}
		switch {
		case code == proto.ClientCodePing:
			proto.ServerCodePong.Encode(&n.out)
			err = n.flush()
		case code == proto.ClientCodeQuery:
			err = n.query()
		case isCancel(code): // of a query that has ended meanwhile
		case code == proto.ClientCodeData: // of an INSERT that was refused
			err = n.dropBlock()
		default:
			err = fmt.Errorf("unexpected packet %d", code)
		}
		if err != nil {
			return err
		}
	}
}

// packet waits for the client's next packet, for ever if timeout is 0, and reads what kind it is.
func (n *session) packet(timeout time.Duration) (proto.ClientCode, error) {
	if err := n.waitAtMost(timeout); err != nil {
		return 0, err
	}
	code, err := n.fields.UVarInt()
	if err != nil {
		return 0, err
	}
	if code > 0xff {
		return 0, fmt.Errorf("unexpected packet %d", code)
	}
	return proto.ClientCode(code), nil
}

// waitAtMost sets the deadline of reads, unless the server is stopping, when none shall wait.
func (n *session) waitAtMost(timeout time.Duration) error {
	deadline := time.Time{}
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	n.server.mu.Lock()
	defer n.server.mu.Unlock()
	if n.server.stopping {
		deadline = longAgo
	}
	return n.conn.SetReadDeadline(deadline)
}

// flush sends what has been encoded.
func (n *session) flush() error {
	defer n.out.Reset()
	if err := n.conn.SetWriteDeadline(time.Now().Add(n.server.config.SendTimeout)); err != nil {
		return err
	}
	_, err := n.conn.Write(n.out.Buf)
	return err
}

// abandon ends the session from another goroutine; its query is killed.
func (n *session) abandon() {
	n.goneOnce.Do(func() { close(n.gone) })
	_ = n.conn.Close()
}

func (n *session) close() {
	n.abandon()
	if n.engine != nil {
		n.engine.Close()
	}
}
