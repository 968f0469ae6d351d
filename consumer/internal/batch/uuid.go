package batch

import (
	"encoding/binary"
	"encoding/hex"
	"errors"

	"eventsync/pkg/change"
)

const (
	uuidBytes = 16
	uuidText  = 36
)

var errUUID = errors.New("a UUID has 16 bytes")

func uuidAppender(source change.Type) (appender, []byte, error) {
	zero := make([]byte, uuidBytes)
	switch {
	case source == change.TypeUUID:
		return appendUUID, zero, nil
	case isText(source):
		return appendUUIDOfText, zero, nil
	default:
		return nil, nil, errNoConversion
	}
}

var errUUIDText = errors.New("a UUID has 32 hexadecimal digits, in groups of 8, 4, 4, 4 and 12")

func appendUUIDOfText(b []byte, v *change.Value) ([]byte, error) {
	var u [uuidBytes]byte
	s, at := v.Bytes, 0
	if len(s) != uuidText {
		return b, errUUIDText
	}
	for i, digits := range [...]int{8, 4, 4, 4, 12} {
		if i > 0 {
			if s[0] != '-' {
				return b, errUUIDText
			}
			s = s[1:]
		}
		n, err := hex.Decode(u[at:], s[:digits])
		if err != nil {
			return b, errUUIDText
		}
		s, at = s[digits:], at+n
	}
	return appendUUIDBytes(b, u[:]), nil
}

// appendUUID writes two 64-bit numbers, each with its low byte first.
func appendUUID(b []byte, v *change.Value) ([]byte, error) {
	if len(v.Bytes) != uuidBytes {
		return b, errUUID
	}
	return appendUUIDBytes(b, v.Bytes), nil
}

func appendUUIDBytes(b, u []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, binary.BigEndian.Uint64(u))
	return binary.LittleEndian.AppendUint64(b, binary.BigEndian.Uint64(u[8:]))
}

func appendUUIDText(b []byte, v *change.Value) ([]byte, error) {
	u := v.Bytes
	if len(u) != uuidBytes {
		return b, errUUID
	}
	b = append(b, uuidText)
	b = hex.AppendEncode(b, u[:4])
	b = hex.AppendEncode(append(b, '-'), u[4:6])
	b = hex.AppendEncode(append(b, '-'), u[6:8])
	b = hex.AppendEncode(append(b, '-'), u[8:10])
	return hex.AppendEncode(append(b, '-'), u[10:]), nil
}
