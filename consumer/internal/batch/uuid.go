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
	if source != change.TypeUUID {
		return nil, nil, errNoConversion
	}
	return appendUUID, make([]byte, uuidBytes), nil
}

// appendUUID writes two 64-bit numbers, each with its low byte first.
func appendUUID(b []byte, v *change.Value) ([]byte, error) {
	if len(v.Bytes) != uuidBytes {
		return b, errUUID
	}
	b = binary.LittleEndian.AppendUint64(b, binary.BigEndian.Uint64(v.Bytes))
	return binary.LittleEndian.AppendUint64(b, binary.BigEndian.Uint64(v.Bytes[8:])), nil
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
