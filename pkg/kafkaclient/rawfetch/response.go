package rawfetch

import (
	"cmp"
	"errors"
	"slices"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"eventsync/pkg/kafkaclient/internal/wire"
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
	c := wire.Cursor{Rest: r.buffer}
	c.Int32() // throttled for so long already
	topLevel := kafka.Error(0)
	if version >= 7 {
		topLevel = kafka.Error(c.Int16())
		c.Int32() // session
	}
	if c.Int32() != 1 { // topics
		return r.withoutPartition(topLevel)
	}
	c.Take(int(c.Int16())) // its name
	if c.Int32() != 1 {    // partitions
		return r.withoutPartition(topLevel)
	}
	c.Int32() // its number
	r.Err = kafka.Error(c.Int16())
	r.HighWatermark, r.LastStable, r.LogStart = c.Int64(), c.Int64(), -1
	if version >= 5 {
		r.LogStart = c.Int64()
	}
	r.Aborted = r.Aborted[:0]
	for n := c.Int32(); n > 0 && !c.Failed; n-- {
		r.Aborted = append(r.Aborted, AbortedTransaction{c.Int64(), c.Int64()})
	}
	if version >= 11 {
		c.Int32() // preferred replica: asked for by rack only
	}
	r.Batches = c.Take(int(max(c.Int32(), 0)))
	if c.Failed {
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
