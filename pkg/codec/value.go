package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"eventsync/pkg/change"
)

// The readers below give the size of what they read from b's beginning, and 0 or less where it is not there.

func varint(b []byte) (v uint64, size int) {
	if len(b) > 0 && b[0] < 0x80 { // nearly all are one byte
		return uint64(b[0]), 1
	}
	return binary.Uvarint(b)
}

func fixed64(b []byte) (v uint64, size int) {
	if len(b) < 8 {
		return 0, 0
	}
	return binary.LittleEndian.Uint64(b), 8
}

func lengthDelimited(b []byte) (contents []byte, size int) {
	n, size := varint(b)
	if size <= 0 || n > uint64(len(b)-size) { //nolint:gosec // G115: a length is positive
		return nil, 0
	}
	end := size + int(n) //nolint:gosec // G115: at most the length of b
	return b[size:end], end
}

// skip passes over the field that b begins with, which nobody here knows, and gives its size behind the tag's first byte.
// A known field with a longer tag than it needs would come here too, and is no field that anybody writes.
func skip(b []byte) (size int, err error) {
	n, _, _, rest, err := nextField(b)
	if err != nil || b[0] >= 0x80 && n < 16 {
		return 0, errMalformed
	}
	return len(b) - len(rest) - 1, nil
}

func decodePosition(b []byte, p *change.Position) (size int, err error) {
	b, size = lengthDelimited(b)
	for len(b) > 0 {
		var n int
		switch b[0] {
		case tag(positionCommit, protowire.Fixed64Type):
			var lsn uint64
			lsn, n = fixed64(b[1:])
			p.Commit = change.LSN(lsn)
		case tag(positionSequence, protowire.VarintType):
			p.Sequence, n = varint(b[1:])
		default:
			n, err = skip(b)
		}
		if err != nil || n <= 0 {
			return 0, errMalformed
		}
		b = b[1+n:]
	}
	return size, nil
}

// shortInteger reads what most values are, an integer of at most 56 bits, without a loop: behind the tag of values a
// length, the tag of integers and a varint of at most eight bytes. The size is that of the whole field, tag included; it
// is 0 where b begins with something else, or ends too early to be read eight bytes at a time.
func shortInteger(b []byte) (z uint64, size int) {
	const (
		ends     = 0x8080808080808080 // the bits that say that a varint goes on
		contents = ^uint64(ends)
	)
	if len(b) < 11 || b[2] != tag(protowire.Number(change.Integer), protowire.VarintType) {
		return 0, 0
	}
	n := uint(b[1]) - 1 // of the varint's bytes
	if n-1 > 7 {
		return 0, 0
	}
	x := binary.LittleEndian.Uint64(b[3:]) << (64 - 8*n) >> (64 - 8*n)
	if x&ends != ends<<(72-8*n)>>(72-8*n) { // it ends earlier, or later
		return 0, 0
	}
	// Seven bits of each byte move together: of two, of four, of eight bytes.
	x &= contents
	x = x&0x007f007f007f007f | x&0x7f007f007f007f00>>1
	x = x&0x00003fff00003fff | x&0x3fff00003fff0000>>2
	x = x&0x000000000fffffff | x&0x0fffffff00000000>>4
	return x, 3 + int(n)
}

// decodeValue reads a Value; of several kinds the last counts, as Protobuf has it.
func decodeValue(b []byte, v *change.Value) error {
	if len(b) == 0 {
		return errors.New("a value without a kind")
	}
	for len(b) > 0 {
		var size int
		switch b[0] {
		case tag(protowire.Number(change.Integer), protowire.VarintType):
			var z uint64
			z, size = varint(b[1:])
			*v = change.IntegerValue(protowire.DecodeZigZag(z))
		case tag(protowire.Number(change.Text), protowire.BytesType):
			var s []byte
			s, size = lengthDelimited(b[1:])
			*v = change.TextValue(s)
		case tag(protowire.Number(change.Bytes), protowire.BytesType):
			var s []byte
			s, size = lengthDelimited(b[1:])
			*v = change.BytesValue(s)
		case tag(protowire.Number(change.Float), protowire.Fixed64Type):
			var u uint64
			u, size = fixed64(b[1:])
			*v = change.FloatValue(math.Float64frombits(u))
		case tag(protowire.Number(change.Bool), protowire.VarintType):
			var u uint64
			u, size = varint(b[1:])
			*v = change.BoolValue(u != 0)
		case tag(protowire.Number(change.Null), protowire.VarintType):
			_, size = varint(b[1:])
			*v = change.NullValue()
		case tag(protowire.Number(change.Unavailable), protowire.VarintType):
			_, size = varint(b[1:])
			*v = change.UnavailableValue()
		default:
			return fmt.Errorf("a kind of value that is not known (tag %d): a newer producer wrote it", b[0])
		}
		if size <= 0 {
			return errMalformed
		}
		b = b[1+size:]
	}
	return nil
}
