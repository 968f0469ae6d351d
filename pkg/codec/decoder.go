package codec

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"eventsync/pkg/change"
)

// Message is one decoded message.
type Message struct {
	change.Change
	// Fingerprint is the relation's; messages of equal fingerprints share one *change.Relation.
	Fingerprint uint64
	// Previous is the position published to the partition before this message's; zero for none.
	Previous change.Position
}

// Decoder reads messages. It keeps every relation that it has seen, and belongs to one goroutine.
type Decoder struct {
	relations map[uint64]known
	last      known // almost always the next message's too
}

type known struct {
	fingerprint uint64
	relation    *change.Relation
	descriptor  []byte
}

var errNoRelation = errors.New("the message has no relation descriptor")

// Decode reads b into m, whose Values are reused and alias b.
//
// It is where a consumer spends most of its time. So fields are told by their one-byte tags, and read where they stand.
func (d *Decoder) Decode(b []byte, m *Message) error {
	values := m.Values[:0]
	*m = Message{}
	var descriptor []byte
	for len(b) > 0 {
		size, err := 0, error(nil) // of the field behind its tag; 0 or less: malformed
		switch b[0] {
		case tag(changeValues, protowire.BytesType):
			n := len(values)
			if n < cap(values) {
				values = values[:n+1]
			} else {
				values = append(values, change.Value{})
			}
			if z, size := shortInteger(b); size > 0 {
				values[n] = change.IntegerValue(protowire.DecodeZigZag(z))
				b = b[size:]
				continue
			}
			var contents []byte
			if contents, size = lengthDelimited(b[1:]); size <= 0 {
				break
			}
			if err = decodeValue(contents, &values[n]); err != nil {
				return fmt.Errorf("value %d: %w", n, err)
			}
		case tag(changeFingerprint, protowire.Fixed64Type):
			m.Fingerprint, size = fixed64(b[1:])
		case tag(changeRelation, protowire.BytesType):
			descriptor, size = lengthDelimited(b[1:])
		case tag(changeOp, protowire.VarintType):
			var op uint64
			op, size = varint(b[1:])
			m.Op = change.Op(min(op, math.MaxUint8))
		case tag(changeVersion, protowire.Fixed64Type):
			var version uint64
			version, size = fixed64(b[1:])
			m.Version = change.Version(version)
		case tag(changePosition, protowire.BytesType):
			size, err = decodePosition(b[1:], &m.Position)
		case tag(changePrevious, protowire.BytesType):
			size, err = decodePosition(b[1:], &m.Previous)
		case tag(changeCommitTime, protowire.Fixed64Type):
			var time uint64
			time, size = fixed64(b[1:])
			m.CommitTime = int64(time) //nolint:gosec // G115: sfixed64 keeps the bits
		default:
			size, err = skip(b)
		}
		if err != nil {
			return err
		}
		if size <= 0 {
			return errMalformed
		}
		b = b[1+size:]
	}
	m.Values = values
	return d.finish(m, descriptor)
}

// finish finds the relation and checks that the message fits it.
func (d *Decoder) finish(m *Message, descriptor []byte) error {
	if d.last.relation == nil || d.last.fingerprint != m.Fingerprint || !bytes.Equal(d.last.descriptor, descriptor) {
		if err := d.find(m.Fingerprint, descriptor); err != nil {
			return err
		}
	}
	m.Relation = d.last.relation
	if m.Op < change.Insert || m.Op > change.Truncate {
		return fmt.Errorf("%s: operation %d is not known: a newer producer wrote it", m.Relation.Name(), m.Op)
	}
	if m.Op != change.Truncate && len(m.Values) != len(m.Relation.Columns) {
		return fmt.Errorf("%s: %d values for %d columns", m.Relation.Name(), len(m.Values), len(m.Relation.Columns))
	}
	return nil
}

// find makes the relation the last one.
func (d *Decoder) find(fingerprint uint64, descriptor []byte) (err error) {
	k, ok := d.relations[fingerprint]
	if !ok || !bytes.Equal(k.descriptor, descriptor) {
		if k, err = d.learn(fingerprint, descriptor); err != nil {
			return err
		}
	}
	d.last = k
	return nil
}

func (d *Decoder) learn(fingerprint uint64, descriptor []byte) (known, error) {
	if descriptor == nil {
		return known{}, errNoRelation
	}
	if got := Fingerprint(descriptor); got != fingerprint {
		return known{}, fmt.Errorf("the relation descriptor's fingerprint is %016x, the message says %016x", got, fingerprint)
	}
	r, err := DecodeRelation(descriptor)
	if err != nil {
		return known{}, err
	}
	k := known{fingerprint, r, bytes.Clone(descriptor)}
	if d.relations == nil {
		d.relations = map[uint64]known{}
	}
	d.relations[fingerprint] = k
	return k, nil
}
