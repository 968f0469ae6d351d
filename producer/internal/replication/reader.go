package replication

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

const (
	// bufferSize is how much is read at once, and so the size of a batch of changes.
	bufferSize = 1 << 20
	// keptSize is the largest buffer that is kept after a message that needed it.
	keptSize = 8 << 20
	// maxMessage is the protocol's limit.
	maxMessage = 1 << 30
)

// reader reads the protocol's messages off a connection, many at a time.
type reader struct {
	conn       net.Conn
	pace       pace
	buf        []byte
	begin, end int // what was read and not taken yet

	waiting atomic.Int64 // since when, in nanoseconds since 1970, it has waited for the server; 0 while it does not
}

func newReader(conn net.Conn) *reader {
	return &reader{conn: conn, pace: newPace(conn), buf: make([]byte, bufferSize)}
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

// read waits for something to read. Whoever ends ctx must set a deadline in the past afterwards.
func (r *reader) read(ctx context.Context) (int, error) {
	r.pace.wait(ctx)
	if err := r.conn.SetReadDeadline(time.Time{}); err != nil {
		return 0, err
	}
	if ctx.Err() != nil { // looked at after the deadline was set, so that one set at ctx's end stays
		return 0, context.Cause(ctx)
	}
	n, err := r.conn.Read(r.buf[r.end:])
	r.pace.took(n, time.Now())
	return n, err
}

// silent is how long the server has been waited for.
func (r *reader) silent() time.Duration {
	if since := r.waiting.Load(); since != 0 {
		return time.Since(time.Unix(0, since))
	}
	return 0
}
