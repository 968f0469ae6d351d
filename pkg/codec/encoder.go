package codec

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"eventsync/pkg/change"
)

// Encoder writes changes as messages. It keeps the encoded descriptor of every relation that it has seen, and belongs
// to one goroutine.
type Encoder struct {
	last        *change.Relation // almost always the next change's too
	header      []byte
	descriptors map[*change.Relation][]byte
}

// Append appends the message of c; previous is the position published before it to the same partition, zero for none.
func (e *Encoder) Append(b []byte, c *change.Change, previous change.Position) []byte {
	if c.Relation != e.last {
		e.header, e.last = e.descriptor(c.Relation), c.Relation
	}
	b = append(b, e.header...)
	b = append(b, tag(changeOp, protowire.VarintType), byte(c.Op), tag(changeVersion, protowire.Fixed64Type))
	b = binary.LittleEndian.AppendUint64(b, uint64(c.Version))
	b = appendPosition(b, changePosition, c.Position)
	b = appendPosition(b, changePrevious, previous)
	b = append(b, tag(changeCommitTime, protowire.Fixed64Type))
	b = binary.LittleEndian.AppendUint64(b, uint64(c.CommitTime)) //nolint:gosec // G115: sfixed64 keeps the bits
	for i := range c.Values {
		b = appendValue(b, &c.Values[i])
	}
	return b
}

// descriptor is the fingerprint and relation fields of every message of a relation.
func (e *Encoder) descriptor(r *change.Relation) []byte {
	if d, ok := e.descriptors[r]; ok {
		return d
	}
	rel := AppendRelation(nil, r)
	d := []byte{tag(changeFingerprint, protowire.Fixed64Type)}
	d = binary.LittleEndian.AppendUint64(d, Fingerprint(rel))
	d = append(d, tag(changeRelation, protowire.BytesType))
	d = protowire.AppendBytes(d, rel)
	if e.descriptors == nil {
		e.descriptors = map[*change.Relation][]byte{}
	}
	e.descriptors[r] = d
	return d
}

func appendPosition(b []byte, n protowire.Number, p change.Position) []byte {
	if p.IsZero() {
		return b
	}
	size := 9 + 1 + protowire.SizeVarint(p.Sequence)
	b = append(b, tag(n, protowire.BytesType), byte(size), tag(positionCommit, protowire.Fixed64Type)) //nolint:gosec // G115: at most 20
	b = binary.LittleEndian.AppendUint64(b, uint64(p.Commit))
	b = append(b, tag(positionSequence, protowire.VarintType))
	return protowire.AppendVarint(b, p.Sequence)
}

func appendValue(b []byte, v *change.Value) []byte {
	b = append(b, tag(changeValues, protowire.BytesType))
	switch v.Kind {
	case change.Integer:
		z := protowire.EncodeZigZag(v.Integer())
		b = append(b, byte(1+protowire.SizeVarint(z)), tag(protowire.Number(change.Integer), protowire.VarintType)) //nolint:gosec // G115: at most 11
		return protowire.AppendVarint(b, z)
	case change.Text, change.Bytes:
		n := uint64(len(v.Bytes))
		b = protowire.AppendVarint(b, 1+uint64(protowire.SizeVarint(n))+n) //nolint:gosec // G115: a size is positive
		b = append(b, tag(protowire.Number(v.Kind), protowire.BytesType))
		b = protowire.AppendVarint(b, n)
		return append(b, v.Bytes...)
	case change.Float:
		b = append(b, 9, tag(protowire.Number(change.Float), protowire.Fixed64Type))
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case change.Bool:
		b = append(b, 2, tag(protowire.Number(change.Bool), protowire.VarintType))
		return protowire.AppendVarint(b, protowire.EncodeBool(v.Bool()))
	case change.Unavailable:
		return append(b, 2, tag(protowire.Number(change.Unavailable), protowire.VarintType), 1)
	default:
		return append(b, 2, tag(protowire.Number(change.Null), protowire.VarintType), 1)
	}
}
