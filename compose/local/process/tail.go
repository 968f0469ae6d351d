package process

import (
	"bytes"
	"strings"
	"sync"
)

// tailSize bounds what is kept of a child's output: enough for its last words, small enough for an error message.
const tailSize = 4 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
	cut bool // something before buf was dropped
}

func newTail() *tail { return &tail{buf: make([]byte, 0, 2*tailSize)} }

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(b)
	if len(b) > tailSize {
		b, t.cut = b[len(b)-tailSize:], true
	}
	if len(t.buf)+len(b) > cap(t.buf) {
		keep := t.buf[len(t.buf)-(tailSize-len(b)):]
		t.buf, t.cut = append(t.buf[:0], keep...), true
	}
	t.buf = append(t.buf, b...)
	return n, nil
}

// String is what was kept, from the start of a line on.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.buf
	cut := t.cut
	if len(b) > tailSize {
		b, cut = b[len(b)-tailSize:], true
	}
	if cut {
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			b = b[i+1:]
		}
	}
	return string(b)
}

// quote is what an error message appends: nothing, if the child said nothing.
func (t *tail) quote() string {
	s := strings.TrimSpace(t.String())
	if s == "" {
		return ""
	}
	return "; it last wrote:\n\t" + strings.ReplaceAll(s, "\n", "\n\t")
}
