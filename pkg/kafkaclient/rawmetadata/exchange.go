package rawmetadata

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go/protocol"
)

const (
	// version is the first Metadata that tells topic ids: Kafka 2.8.
	version = 10
	// maxAnswer bounds an answer: it lists the cluster's brokers, and one topic with its partitions.
	maxAnswer = 64 << 20
)

// Exchange asks for one topic's id. kafka-go sends it to any broker, and gives an *Answer.
type Exchange struct {
	Topic    string
	ClientID string
}

var _ protocol.RawExchanger = (*Exchange)(nil)

// ApiKey implements protocol.Message.
func (*Exchange) ApiKey() protocol.ApiKey { return protocol.Metadata }

// Required implements protocol.RawExchanger. What kafka-go knows of the broker is what both speak, and kafka-go's own
// version is too old.
func (*Exchange) Required(map[protocol.ApiKey]int16) bool { return true }

// RawExchange implements protocol.RawExchanger.
func (e *Exchange) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	versions, err := roundTrip(rw, e.header(protocol.ApiVersions, 0))
	if err != nil {
		return nil, err
	}
	if speaks, err := readVersions(versions); err != nil || !speaks {
		return new(Answer), err
	}
	metadata, err := roundTrip(rw, e.request())
	if err != nil {
		return nil, err
	}
	return readAnswer(metadata)
}

// header begins a request. A connection carries one at a time, so that all may have the same correlation id.
func (e *Exchange) header(key protocol.ApiKey, version uint16) []byte {
	b := make([]byte, 4)                              // the size
	b = binary.BigEndian.AppendUint16(b, uint16(key)) //nolint:gosec // G115: a small constant
	b = binary.BigEndian.AppendUint16(b, version)
	b = binary.BigEndian.AppendUint32(b, correlation)
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.ClientID))) //nolint:gosec // G115: our own name
	return append(b, e.ClientID...)
}

const correlation = 1

func (e *Exchange) request() []byte {
	const none, no = 0, 0
	b := append(e.header(protocol.Metadata, version), none) // tagged fields
	b = append(b, 1+1)                                      // one topic
	b = append(b, make([]byte, 16)...)                      // asked for by its name, not by its id
	b = binary.AppendUvarint(b, 1+uint64(len(e.Topic)))
	b = append(b, e.Topic...)
	return append(b, none, no /* do not make it */, no, no /* nor tell what we may do */, none)
}

func roundTrip(rw io.ReadWriter, request []byte) (answer []byte, err error) {
	binary.BigEndian.PutUint32(request, uint32(len(request)-4)) //nolint:gosec // G115: a few hundred bytes
	if _, err := rw.Write(request); err != nil {
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return nil, err
	}
	size := int64(binary.BigEndian.Uint32(head[:])) - 4
	if id := binary.BigEndian.Uint32(head[4:]); id != correlation || size < 0 || size > maxAnswer {
		return nil, fmt.Errorf("the broker's answer of %d bytes to request %d is none to request %d", size, id, correlation)
	}
	answer = make([]byte, size)
	_, err = io.ReadFull(rw, answer)
	return answer, err
}
