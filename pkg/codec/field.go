package codec

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// errMalformed says that bytes are no Protobuf message.
var errMalformed = errors.New("malformed Protobuf")

// field is the contents of one field: number for the numeric wire types, bytes for the length-delimited one.
type field struct {
	number uint64
	bytes  []byte
}

// nextField cuts the first field off b.
func nextField(b []byte) (n protowire.Number, t protowire.Type, f field, rest []byte, err error) {
	n, t, size := protowire.ConsumeTag(b)
	if size < 0 {
		return 0, 0, f, nil, errMalformed
	}
	b = b[size:]
	switch t {
	case protowire.VarintType:
		f.number, size = protowire.ConsumeVarint(b)
	case protowire.Fixed64Type:
		f.number, size = protowire.ConsumeFixed64(b)
	case protowire.Fixed32Type:
		var v uint32
		v, size = protowire.ConsumeFixed32(b)
		f.number = uint64(v)
	case protowire.BytesType:
		f.bytes, size = protowire.ConsumeBytes(b)
	default: // groups: nobody writes them any more, but they can be passed over
		size = protowire.ConsumeFieldValue(n, t, b)
	}
	if size < 0 {
		return 0, 0, f, nil, errMalformed
	}
	return n, t, f, b[size:], nil
}

// eachField calls fn for every field of a message that need not be fast.
func eachField(b []byte, fn func(protowire.Number, field) error) error {
	for len(b) > 0 {
		n, _, f, rest, err := nextField(b)
		if err != nil {
			return err
		}
		if err := fn(n, f); err != nil {
			return err
		}
		b = rest
	}
	return nil
}
