package chdb

import (
	"errors"
	"unsafe"
)

// errNothing is what the engine's silence is reported as.
var errNothing = errors.New("the ClickHouse engine returned no result")

// Chunk is a finished result, or a part of a streamed one. Data belongs to the engine: it is gone when the function that
// was given the Chunk returns.
type Chunk struct {
	Data []byte

	// What the statement has read from tables and written to them.
	ReadRows, ReadBytes, WroteRows, WroteBytes uint64
}

// EngineError is an exception of the engine, in its own words: "Code: 60. DB::Exception: ... (UNKNOWN_TABLE)".
type EngineError string

func (e EngineError) Error() string { return string(e) }

// Query runs a statement to its end and gives use its whole result, encoded in format.
func (c *Conn) Query(text, format string, use func(Chunk) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.handle == nil {
		return ErrClosed
	}
	result := c.start(c.lib.query, text, format)
	if err := c.lib.check(result); err != nil {
		return err
	}
	defer c.lib.free(result)
	return use(c.lib.chunk(result))
}

// Stream runs a statement and gives use its result part by part. An error of use ends the statement and is returned.
func (c *Conn) Stream(text, format string, use func(Chunk) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.handle == nil {
		return ErrClosed
	}
	stream := c.start(c.lib.stream, text, format)
	if err := c.lib.check(stream); err != nil {
		return err
	}
	defer c.lib.free(stream)
	for {
		last, err := c.next(stream, use)
		if last {
			return err
		}
		if err != nil {
			c.lib.cancel(*c.handle, stream)
			return err
		}
	}
}

// next gives use one part; last says that the engine has no more, or has failed.
func (c *Conn) next(stream unsafe.Pointer, use func(Chunk) error) (last bool, err error) {
	part := c.lib.fetch(*c.handle, stream)
	if err := c.lib.check(part); err != nil {
		return true, err
	}
	defer c.lib.free(part)
	chunk := c.lib.chunk(part)
	return len(chunk.Data) == 0, use(chunk)
}

// check gives a result's error, and frees the result if it has one.
func (l *Library) check(result unsafe.Pointer) error {
	if result == nil {
		return errNothing
	}
	text := l.failure(result)
	if text == "" {
		return nil
	}
	l.free(result)
	return EngineError(text)
}

func (l *Library) chunk(result unsafe.Pointer) Chunk {
	c := Chunk{
		ReadRows: l.readRows(result), ReadBytes: l.readBytes(result),
		WroteRows: l.wroteRows(result), WroteBytes: l.wroteBytes(result),
	}
	if n := l.size(result); n > 0 {
		c.Data = unsafe.Slice(l.data(result), n)
	}
	return c
}
