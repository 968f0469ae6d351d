package replication

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// bufferSize is how much is read at once, and so the size of a batch of changes.
	bufferSize = 1 << 20
	// keptSize is the largest buffer that is kept after a message that needed it.
	keptSize = 8 << 20
	// maxMessage is the protocol's limit.
	maxMessage = 1 << 30

	// A walsender sends every message by itself, and being woken up for each costs both sides more than all else. So
	// while messages come fast nothing wakes us up: we nap, and the connection counts as readable with quietMark bytes
	// only, or when its window is nearly full. When not that many come within quietWait, any byte will do again.
	//
	// A mark of some tens of KiB is several times slower at times: the server may have no more messages under way than
	// its congestion window has packets, and that opens with acknowledgements, which go out when we read.
	quietMark = 1 << 20
	quietWait = 5 * time.Millisecond
	napTime   = 200 * time.Microsecond
)

// reader reads the protocol's messages off a connection, many at a time.
type reader struct {
	conn       net.Conn
	raw        syscall.RawConn // nil where there is no low mark to be set
	mark       int
	buf        []byte
	begin, end int // what was read and not taken yet

	waiting atomic.Int64 // since when, in nanoseconds since 1970, it has waited for the server; 0 while it does not
}

func newReader(conn net.Conn) *reader {
	r := &reader{conn: conn, mark: 1, buf: make([]byte, bufferSize)}
	switch c := conn.(type) { // not a TLS connection: what it needs to read is not what we want to
	case *net.TCPConn:
		r.raw = rawConn(c)
	case *net.UnixConn:
		r.raw = rawConn(c)
	}
	return r
}

// next takes the next message out of the buffer, if it is there as a whole. It lives until the next fill.
func (r *reader) next() (kind byte, body []byte, ok bool) {
	const header = 5
	b := r.buf[r.begin:r.end]
	if len(b) < header {
		return 0, nil, false
	}
	size := int64(binary.BigEndian.Uint32(b[1:])) + 1
	if size < header { // a length that does not count itself: fill refuses it
		return 0, nil, false
	}
	if int64(len(b)) < size {
		return 0, nil, false
	}
	r.begin += int(size)
	return b[0], b[header:size], true
}

// fill reads more, at least one byte, and makes room for a message that is larger than the buffer.
func (r *reader) fill(ctx context.Context) error {
	r.compact()
	if err := r.grow(); err != nil {
		return err
	}
	r.waiting.Store(time.Now().UnixNano())
	n, err := r.read(ctx)
	r.waiting.Store(0)
	r.end += n
	if n > 0 {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("read the stream: %w", err)
}

// compact moves what was not taken to the buffer's beginning.
func (r *reader) compact() {
	if r.begin > 0 {
		r.end = copy(r.buf, r.buf[r.begin:r.end])
		r.begin = 0
	}
}

// grow makes the buffer fit the message at its beginning, and gives a large one back that is not needed any more.
func (r *reader) grow() error {
	size := bufferSize
	if r.end >= 5 {
		announced := int64(binary.BigEndian.Uint32(r.buf[1:])) + 1
		if announced < 5 || announced > maxMessage {
			return fmt.Errorf("a message of %d bytes: the stream is out of step", announced)
		}
		size = max(size, int(announced))
	}
	if size > len(r.buf) || len(r.buf) > keptSize && size <= keptSize {
		larger := make([]byte, max(size, r.end))
		copy(larger, r.buf[:r.end])
		r.buf = larger
	}
	return nil
}

// read reads what there is, or else waits. Whoever ends ctx must set a deadline in the past afterwards.
func (r *reader) read(ctx context.Context) (int, error) {
	if r.raw != nil {
		r.setMark(quietMark)
		nap(napTime)
		n, err := r.readBy(ctx, time.Now().Add(quietWait))
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		r.setMark(1)
	}
	return r.readBy(ctx, time.Time{})
}

func (r *reader) readBy(ctx context.Context, deadline time.Time) (int, error) {
	if err := r.conn.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	if ctx.Err() != nil { // looked at after the deadline was set, so that one set at ctx's end stays
		return 0, context.Cause(ctx)
	}
	return r.conn.Read(r.buf[r.end:])
}

func (r *reader) setMark(mark int) {
	if r.mark == mark {
		return
	}
	r.mark = mark
	if !setLowMark(r.raw, mark) {
		r.raw = nil // without it, then
	}
}

func rawConn(c syscall.Conn) syscall.RawConn {
	raw, err := c.SyscallConn()
	if err != nil || !setLowMark(raw, 1) {
		return nil
	}
	return raw
}

// silent is how long the server has been waited for.
func (r *reader) silent() time.Duration {
	if since := r.waiting.Load(); since != 0 {
		return time.Since(time.Unix(0, since))
	}
	return 0
}
