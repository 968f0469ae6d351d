package rawfetch

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// Response is the answer about one partition.
type Response struct {
	Err           kafka.Error
	HighWatermark int64
	LastStable    int64
	LogStart      int64
	Aborted       []AbortedTransaction // by first offset
	Batches       []byte               // aliases the Response's memory

	buffer []byte
}

// AbortedTransaction says that what a producer wrote from an offset on, up to the end of its transaction, was aborted.
type AbortedTransaction struct{ ProducerID, FirstOffset int64 }

// Cap is how much memory the Response has.
func (r *Response) Cap() int { return cap(r.buffer) }

// ApiKey implements protocol.Message.
func (*Response) ApiKey() protocol.ApiKey { return protocol.Fetch }

// grain is what buffers grow by, so that answers of about a size share them.
const grain = 256 << 10

func (r *Response) resize(n int) []byte {
	if cap(r.buffer) < n {
		r.buffer = make([]byte, (n+grain-1)/grain*grain)
	}
	r.buffer = r.buffer[:n]
	return r.buffer
}

var errAnswer = errors.New("the broker's answer is malformed")

// parse reads the buffer in place; version is that of the request.
func (r *Response) parse(version int16) error {
	c := cursor{rest: r.buffer}
	c.int32() // throttled for so long already
	topLevel := kafka.Error(0)
	if version >= 7 {
		topLevel = kafka.Error(c.int16())
		c.int32() // session
	}
	if c.int32() != 1 { // topics
		return r.withoutPartition(topLevel)
	}
	c.take(int(c.int16())) // its name
	if c.int32() != 1 {    // partitions
		return r.withoutPartition(topLevel)
	}
	c.int32() // its number
	r.Err = kafka.Error(c.int16())
	r.HighWatermark, r.LastStable, r.LogStart = c.int64(), c.int64(), -1
	if version >= 5 {
		r.LogStart = c.int64()
	}
	r.Aborted = r.Aborted[:0]
	for n := c.int32(); n > 0 && !c.failed; n-- {
		r.Aborted = append(r.Aborted, AbortedTransaction{c.int64(), c.int64()})
	}
	if version >= 11 {
		c.int32() // preferred replica: asked for by rack only
	}
	r.Batches = c.take(int(max(c.int32(), 0)))
	if c.failed {
		return errAnswer
	}
	// Brokers give them in the order in which the transactions ended.
	slices.SortFunc(r.Aborted, func(a, b AbortedTransaction) int { return cmp.Compare(a.FirstOffset, b.FirstOffset) })
	if topLevel != 0 {
		r.Err = topLevel
	}
	return nil
}

func (r *Response) withoutPartition(err kafka.Error) error {
	if err == 0 {
		return errAnswer
	}
	r.Err, r.Batches, r.Aborted = err, nil, r.Aborted[:0]
	return nil
}

// cursor reads big-endian fields; after the first that is not there it gives zeros.
type cursor struct {
	rest   []byte
	failed bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.rest) {
		c.failed, c.rest = true, nil
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) int16() int16 {
	if b := c.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b)) //nolint:gosec // G115: the field is signed
	}
	return 0
}

func (c *cursor) int32() int32 {
	if b := c.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b)) //nolint:gosec // G115: the field is signed
	}
	return 0
}

func (c *cursor) int64() int64 {
	if b := c.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b)) //nolint:gosec // G115: the field is signed
	}
	return 0
}
