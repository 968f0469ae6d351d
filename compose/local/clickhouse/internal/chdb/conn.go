package chdb

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

// ErrClosed is returned by the methods of a Conn that was closed.
var ErrClosed = errors.New("the engine session is closed")

// Conn is one engine session: its own settings, current database and temporary tables.
type Conn struct {
	lib *Library
	mu  sync.Mutex
	// handle points to the engine's pointer, which is what the other functions take; nil when closed.
	handle *unsafe.Pointer
}

// Open opens a session on the data directory path, which must be the same for all sessions of a process. The first one
// boots the engine.
func (l *Library) Open(path string) (*Conn, error) {
	args := []*byte{cString("clickhouse"), cString("--path=" + path)}
	var handle *unsafe.Pointer
	l.keepingSignals(func() {
		handle = (*unsafe.Pointer)(l.connect(int32(len(args)), &args[0]))
	})
	runtime.KeepAlive(args)
	if handle == nil || *handle == nil {
		return nil, fmt.Errorf("open the ClickHouse engine on %s: refused without a reason; most often another process has that directory, or this one has another", path)
	}
	return &Conn{lib: l, handle: handle}, nil
}

// Close ends the session; it waits for a running statement. Closing twice is harmless.
func (c *Conn) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.handle != nil {
		c.lib.disconnect(unsafe.Pointer(c.handle))
		c.handle = nil
	}
}

// start calls one of the two functions that run a statement. The caller holds mu.
func (c *Conn) start(run statementFunc, text, format string) unsafe.Pointer {
	t, f := cString(text), cString(format)
	result := run(*c.handle, t, uintptr(len(text)), f, uintptr(len(format)))
	runtime.KeepAlive(t)
	runtime.KeepAlive(f)
	return result
}

func cString(s string) *byte {
	b := append([]byte(s), 0)
	return &b[0]
}
