package rawfetch

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/fetch"
)

// MaxAnswer bounds an answer, and so a batch; Kafka's own default for a batch is 1 MiB.
const MaxAnswer = 256 << 20

// Exchange is a Fetch request that reads its answer by itself, so that the record batches stay the bytes that the
// broker sent. kafka-go routes it to the partition's leader as it does its own. It is used once: when its caller gave
// up waiting, the connection's goroutine may still be writing to it.
type Exchange struct {
	fetch.Request
	clientID string
	buffers  *sync.Pool
	version  int16
}

// New makes a request that shows clientID to the broker and whose answer takes its memory from buffers, a pool of
// *Response.
func New(clientID string, buffers *sync.Pool, r Request) *Exchange {
	return &Exchange{Request: r.inKafkasWords(), clientID: clientID, buffers: buffers}
}

var (
	_ protocol.RawExchanger  = (*Exchange)(nil)
	_ protocol.BrokerMessage = (*Exchange)(nil)
)

// correlation may be the same always: a connection carries one request at a time.
const correlation = 1

// minVersion is the first Fetch with read committed: Kafka 0.11.
const minVersion = 4

// Required implements protocol.RawExchanger: it learns the version that the broker and kafka-go both speak.
func (e *Exchange) Required(versions map[protocol.ApiKey]int16) bool {
	e.version = versions[protocol.Fetch]
	return true
}

// RawExchange implements protocol.RawExchanger.
func (e *Exchange) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	if e.version < minVersion {
		return nil, fmt.Errorf("the broker's fetch version %d is older than Kafka 0.11's", e.version)
	}
	if err := protocol.WriteRequest(rw, e.version, correlation, e.clientID, &e.Request); err != nil {
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return nil, err
	}
	size := int(int32(binary.BigEndian.Uint32(head[:]))) - 4 //nolint:gosec // G115: the field is signed
	if size < 0 || size > MaxAnswer {
		return nil, fmt.Errorf("the broker's answer of %d bytes is larger than the limit of %d", size, MaxAnswer)
	}
	if id := binary.BigEndian.Uint32(head[4:]); id != correlation {
		return nil, fmt.Errorf("the broker's answer is to request %d, not %d", id, correlation)
	}
	r, ok := e.buffers.Get().(*Response)
	if !ok {
		r = new(Response)
	}
	if _, err := io.ReadFull(rw, r.resize(size)); err != nil {
		return nil, err
	}
	return r, r.parse(e.version)
}
