package rawmetadata

import (
	"encoding/binary"
	"errors"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// Answer is what the broker says of the topic.
type Answer struct {
	Err kafka.Error
	// ID is the topic's; all zeros where the broker knows none.
	ID [16]byte
}

// ApiKey implements protocol.Message.
func (*Answer) ApiKey() protocol.ApiKey { return protocol.Metadata }

var errAnswer = errors.New("the broker's answer is malformed")

// readVersions reports whether the broker speaks our version of Metadata.
func readVersions(b []byte) (bool, error) {
	c := cursor{rest: b}
	if err := kafka.Error(c.int16()); err != 0 {
		return false, err
	}
	speaks := false
	for n := c.int32(); n > 0 && !c.failed; n-- {
		key, least, most := c.int16(), c.int16(), c.int16()
		speaks = speaks || protocol.ApiKey(key) == protocol.Metadata && least <= version && version <= most
	}
	return speaks && !c.failed, c.err()
}

func readAnswer(b []byte) (*Answer, error) {
	c := cursor{rest: b}
	c.tags()                                       // of the header
	c.int32()                                      // throttled for so long already
	for n := c.length(); n > 0 && !c.failed; n-- { // brokers
		c.int32() // its number
		c.text()  // its host
		c.int32() // its port
		c.text()  // its rack
		c.tags()
	}
	c.text()  // the cluster's id
	c.int32() // the controller
	if topics := c.length(); topics != 1 && !c.failed {
		return nil, errAnswer
	}
	a := &Answer{Err: kafka.Error(c.int16())}
	c.text() // its name
	copy(a.ID[:], c.take(16))
	return a, c.err()
}

// cursor reads fields; after the first that is not there it gives zeros.
type cursor struct {
	rest   []byte
	failed bool
}

func (c *cursor) err() error {
	if c.failed {
		return errAnswer
	}
	return nil
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

// length is that of a compact array or text: one more than it has, and 0 for null.
func (c *cursor) length() int {
	n := c.uvarint()
	if n > uint64(len(c.rest))+1 {
		c.take(-1)
		return 0
	}
	return max(int(n), 1) - 1 //nolint:gosec // G115: no more than there are bytes
}

func (c *cursor) text() { c.take(c.length()) }

// tags passes over tagged fields.
func (c *cursor) tags() {
	for n := c.uvarint(); n > 0 && !c.failed; n-- {
		c.uvarint()
		size := c.uvarint()
		c.take(int(min(size, uint64(len(c.rest))+1))) //nolint:gosec // G115: no more than there are bytes
	}
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.take(-1)
		return 0
	}
	c.rest = c.rest[n:]
	return v
}
