package pgvalue

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"eventsync/pkg/change"
)

// Text reads a value in the text format.
func (d *Decoder) Text(t Type, b []byte) (change.Value, error) {
	switch t.code {
	case codeInt2, codeInt4, codeInt8, codeOID:
		i, err := strconv.ParseInt(string(b), 10, 64)
		if err != nil {
			return change.Value{}, fmt.Errorf("an integer: %w", err)
		}
		return change.IntegerValue(i), nil
	case codeBool:
		if len(b) == 1 && (b[0] == 't' || b[0] == 'f') {
			return change.BoolValue(b[0] == 't'), nil
		}
		return change.Value{}, errors.New("a boolean that is neither t nor f")
	case codeFloat4:
		return float(b, 32)
	case codeFloat8:
		return float(b, 64)
	case codeChar:
		return d.charText(b)
	case codeBytes:
		return d.hex(b)
	case codeUUID:
		return d.uuid(b)
	case codeDate:
		return parsed(parseDate(b))
	case codeTime:
		return parsed(parseTime(b))
	case codeTimestamp, codeTimestampTZ:
		return parsed(parseTimestamp(b))
	default:
		return change.TextValue(b), nil
	}
}

func parsed(i int64, err error) (change.Value, error) { return change.IntegerValue(i), err }

func float(b []byte, bits int) (change.Value, error) {
	f, err := strconv.ParseFloat(string(b), bits)
	if err != nil {
		return change.Value{}, fmt.Errorf("a float: %w", err)
	}
	return floatValue(f), nil
}

// charText reads a "char". Servers before 16 print a byte beyond ASCII as it is.
func (d *Decoder) charText(b []byte) (change.Value, error) {
	if len(b) == 1 {
		return d.char(b)
	}
	return change.TextValue(b), nil
}

func (d *Decoder) hex(b []byte) (change.Value, error) {
	if len(b) < 2 || b[0] != '\\' || b[1] != 'x' {
		return change.Value{}, errors.New(`a bytea that does not begin with \x`)
	}
	s := d.alloc(hex.DecodedLen(len(b) - 2))
	if _, err := hex.Decode(s, b[2:]); err != nil {
		return change.Value{}, fmt.Errorf("a bytea: %w", err)
	}
	return change.BytesValue(s), nil
}

func (d *Decoder) uuid(b []byte) (change.Value, error) {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return change.Value{}, errors.New("a uuid that is not 8-4-4-4-12 digits")
	}
	s := d.alloc(16)
	at := 0
	for _, part := range [...][]byte{b[:8], b[9:13], b[14:18], b[19:23], b[24:]} {
		n, err := hex.Decode(s[at:], part)
		if err != nil {
			return change.Value{}, fmt.Errorf("a uuid: %w", err)
		}
		at += n
	}
	return change.BytesValue(s), nil
}
