package codec

import (
	"bytes"
	"encoding/binary"
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
}

type known struct {
	relation   *change.Relation
	descriptor []byte
}

var errNoRelation = errors.New("the message has no relation descriptor")

// Decode reads b into m, whose Values are reused and alias b.
func (d *Decoder) Decode(b []byte, m *Message) error {
	values := m.Values[:0]
	*m = Message{}
	var descriptor []byte
	for len(b) > 0 {
		// The field that makes up nearly all of a message, without the general way's detours.
		if b[0] == tag(changeValues, protowire.BytesType) && len(b) > 1 && b[1] < 0x80 && int(b[1]) <= len(b)-2 {
			end := 2 + int(b[1])
			v, err := decodeValue(b[2:end])
			if err != nil {
				return fmt.Errorf("value %d: %w", len(values), err)
			}
			values, b = append(values, v), b[end:]
			continue
		}
		n, t, f, rest, err := nextField(b)
		if err != nil {
			return err
		}
		b = rest
		switch {
		case n == changeFingerprint && t == protowire.Fixed64Type:
			m.Fingerprint = f.number
		case n == changeRelation && t == protowire.BytesType:
			descriptor = f.bytes
		case n == changeOp && t == protowire.VarintType:
			m.Op = change.Op(min(f.number, math.MaxUint8)) //nolint:gosec // G115: capped
		case n == changeVersion && t == protowire.Fixed64Type:
			m.Version = change.Version(f.number)
		case n == changePosition && t == protowire.BytesType:
			m.Position, err = decodePosition(f.bytes)
		case n == changePrevious && t == protowire.BytesType:
			m.Previous, err = decodePosition(f.bytes)
		case n == changeCommitTime && t == protowire.Fixed64Type:
			m.CommitTime = int64(f.number) //nolint:gosec // G115: sfixed64 keeps the bits
		case n == changeValues && t == protowire.BytesType:
			var v change.Value
			v, err = decodeValue(f.bytes)
			values = append(values, v)
		}
		if err != nil {
			return fmt.Errorf("field %d: %w", n, err)
		}
	}
	m.Values = values
	return d.finish(m, descriptor)
}

// finish finds the relation and checks that the message fits it.
func (d *Decoder) finish(m *Message, descriptor []byte) error {
	k, ok := d.relations[m.Fingerprint]
	if !ok || !bytes.Equal(k.descriptor, descriptor) {
		var err error
		if k, err = d.learn(m.Fingerprint, descriptor); err != nil {
			return err
		}
	}
	m.Relation = k.relation
	if m.Op < change.Insert || m.Op > change.Truncate {
		return fmt.Errorf("%s: operation %d is not known: a newer producer wrote it", m.Relation.Name(), m.Op)
	}
	if m.Op != change.Truncate && len(m.Values) != len(m.Relation.Columns) {
		return fmt.Errorf("%s: %d values for %d columns", m.Relation.Name(), len(m.Values), len(m.Relation.Columns))
	}
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
	k := known{r, bytes.Clone(descriptor)}
	if d.relations == nil {
		d.relations = map[uint64]known{}
	}
	d.relations[fingerprint] = k
	return k, nil
}

func decodePosition(b []byte) (p change.Position, err error) {
	err = eachField(b, func(n protowire.Number, f field) error {
		switch n {
		case positionCommit:
			p.Commit = change.LSN(f.number)
		case positionSequence:
			p.Sequence = f.number
		}
		return nil
	})
	return p, err
}

// decodeValue reads a Value; of several kinds the last counts, as Protobuf has it.
func decodeValue(b []byte) (v change.Value, err error) {
	for len(b) > 0 {
		var size int
		switch b[0] {
		case tag(protowire.Number(change.Integer), protowire.VarintType):
			var z uint64
			if z, size = binary.Uvarint(b[1:]); size > 0 {
				v = change.IntegerValue(protowire.DecodeZigZag(z))
			}
		case tag(protowire.Number(change.Text), protowire.BytesType):
			var s []byte
			if s, size = protowire.ConsumeBytes(b[1:]); size > 0 {
				v = change.TextValue(s)
			}
		case tag(protowire.Number(change.Bytes), protowire.BytesType):
			var s []byte
			if s, size = protowire.ConsumeBytes(b[1:]); size > 0 {
				v = change.BytesValue(s)
			}
		case tag(protowire.Number(change.Float), protowire.Fixed64Type):
			var u uint64
			if u, size = protowire.ConsumeFixed64(b[1:]); size > 0 {
				v = change.FloatValue(math.Float64frombits(u))
			}
		case tag(protowire.Number(change.Bool), protowire.VarintType):
			var u uint64
			if u, size = binary.Uvarint(b[1:]); size > 0 {
				v = change.BoolValue(u != 0)
			}
		case tag(protowire.Number(change.Null), protowire.VarintType):
			v = change.NullValue()
			_, size = binary.Uvarint(b[1:])
		case tag(protowire.Number(change.Unavailable), protowire.VarintType):
			v = change.UnavailableValue()
			_, size = binary.Uvarint(b[1:])
		default:
			return v, fmt.Errorf("a kind of value that is not known (tag %d): a newer producer wrote it", b[0])
		}
		if size <= 0 {
			return v, errMalformed
		}
		b = b[1+size:]
	}
	if v.Kind == 0 {
		return v, errors.New("a value without a kind")
	}
	return v, nil
}
