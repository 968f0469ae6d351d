package rawmetadata

import (
	"errors"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"eventsync/pkg/kafkaclient/internal/wire"
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
	c := &wire.Cursor{Rest: b}
	if err := kafka.Error(c.Int16()); err != 0 {
		return false, err
	}
	speaks := false
	for n := c.Int32(); n > 0 && !c.Failed; n-- {
		key, least, most := c.Int16(), c.Int16(), c.Int16()
		speaks = speaks || protocol.ApiKey(key) == protocol.Metadata && least <= version && version <= most
	}
	return speaks && !c.Failed, whole(c)
}

func readAnswer(b []byte) (*Answer, error) {
	c := &wire.Cursor{Rest: b}
	c.Tags()                                       // of the header
	c.Int32()                                      // throttled for so long already
	for n := c.Length(); n > 0 && !c.Failed; n-- { // brokers
		c.Int32() // its number
		c.Text()  // its host
		c.Int32() // its port
		c.Text()  // its rack
		c.Tags()
	}
	c.Text()  // the cluster's id
	c.Int32() // the controller
	if topics := c.Length(); topics != 1 && !c.Failed {
		return nil, errAnswer
	}
	a := &Answer{Err: kafka.Error(c.Int16())}
	c.Text() // its name
	copy(a.ID[:], c.Take(16))
	return a, whole(c)
}

func whole(c *wire.Cursor) error {
	if c.Failed {
		return errAnswer
	}
	return nil
}
