package batch

import (
	"encoding/binary"
	"fmt"

	"eventsync/pkg/change"
)

// maxFixedString is ClickHouse's own limit.
const maxFixedString = 0xFFFFFF

// stringAppender writes what is text, or bytes, as it is.
func stringAppender(source change.Type) (appender, []byte, error) {
	zero := []byte{0}
	switch source {
	case change.TypeText, change.TypeJSON, change.TypeDecimal, change.TypeOther, change.TypeBytes:
		return appendString, zero, nil
	case change.TypeUUID:
		return appendUUIDText, zero, nil
	case change.TypeTime:
		return appendTimeText, zero, nil
	case change.TypeDate:
		return appendDateText, zero, nil
	case change.TypeTimestamp:
		return timestampTextAppender(""), zero, nil
	case change.TypeTimestampTZ:
		return timestampTextAppender("+00"), zero, nil
	default:
		return nil, nil, errNoConversion
	}
}

func appendString(b []byte, v *change.Value) ([]byte, error) {
	if n := len(v.Bytes); n < 0x80 {
		b = append(b, byte(n))
	} else {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return append(b, v.Bytes...), nil
}

func fixedStringAppender(source change.Type, t *typeName) (appender, []byte, error) {
	size, err := t.integers(1)
	if err != nil {
		return nil, nil, err
	}
	if size[0] < 1 || size[0] > maxFixedString {
		return nil, nil, fmt.Errorf("type %s is not understood", t.text)
	}
	switch source {
	case change.TypeText, change.TypeOther, change.TypeBytes:
	default:
		return nil, nil, errNoConversion
	}
	zero := make([]byte, size[0])
	return func(b []byte, v *change.Value) ([]byte, error) {
		if len(v.Bytes) > len(zero) {
			return b, fmt.Errorf("it has %d bytes", len(v.Bytes))
		}
		b = append(b, v.Bytes...)
		return append(b, zero[len(v.Bytes):]...), nil
	}, zero, nil
}

// enumAppender writes the number of a member's name; the zero value is the smallest number, as in ClickHouse.
func enumAppender(source change.Type, t *typeName) (appender, []byte, error) {
	if source != change.TypeText && source != change.TypeOther {
		return nil, nil, errNoConversion
	}
	members, err := t.enum()
	if err != nil {
		return nil, nil, err
	}
	add := func(b []byte, n int16) []byte { return binary.LittleEndian.AppendUint16(b, uint16(n)) } //nolint:gosec // G115: the bits are kept
	if t.base == "Enum8" {
		add = func(b []byte, n int16) []byte { return append(b, byte(n)) } //nolint:gosec // G115: the bits are kept
	}
	smallest := int16(1<<15 - 1)
	for _, n := range members {
		smallest = min(smallest, n)
	}
	return func(b []byte, v *change.Value) ([]byte, error) {
		n, ok := members[string(v.Bytes)]
		if !ok {
			return b, fmt.Errorf("it is not one of the Enum's %d members", len(members))
		}
		return add(b, n), nil
	}, add(nil, smallest), nil
}
