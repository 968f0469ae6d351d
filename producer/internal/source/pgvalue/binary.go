package pgvalue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"eventsync/pkg/change"
)

// Decoder reads values, and holds the memory of those that do not alias their input. It belongs to one goroutine.
type Decoder struct {
	memory  []byte
	size    int
	scratch []byte
}

const firstMemory = 4096

// Reset takes back the memory of all values read so far.
func (d *Decoder) Reset() { d.memory, d.size = d.memory[:0], 0 }

// Size is how many bytes are held since Reset.
func (d *Decoder) Size() int { return d.size }

// alloc gives n bytes that live until Reset. What was given before stays where it is.
func (d *Decoder) alloc(n int) []byte {
	if cap(d.memory)-len(d.memory) < n {
		d.memory = make([]byte, 0, max(firstMemory, 2*cap(d.memory), n))
	}
	d.size += n
	at := len(d.memory)
	d.memory = d.memory[:at+n]
	return d.memory[at : at+n : at+n]
}

const (
	daysTo2000   = 10_957 // since 1970
	microsTo2000 = daysTo2000 * microsPerDay
	microsPerDay = 86_400 * 1_000_000
)

var (
	errSize    = errors.New("a binary value of the wrong size")
	errVersion = errors.New("a binary value of a version that is not known")
	errNoRead  = errors.New("the binary format of this type is not known")
)

// Binary reads a value in the binary format.
func (d *Decoder) Binary(t Type, b []byte) (change.Value, error) {
	switch t.code {
	case codeInt8:
		if len(b) == 8 {
			return change.IntegerValue(int64(binary.BigEndian.Uint64(b))), nil //nolint:gosec // G115: the bits are kept
		}
	case codeInt4:
		if len(b) == 4 {
			return change.IntegerValue(int64(int32(binary.BigEndian.Uint32(b)))), nil //nolint:gosec // G115: the bits are kept
		}
	case codeInt2:
		if len(b) == 2 {
			return change.IntegerValue(int64(int16(binary.BigEndian.Uint16(b)))), nil //nolint:gosec // G115: the bits are kept
		}
	case codeText, codeJSON:
		return change.TextValue(b), nil
	case codeTimestamp, codeTimestampTZ:
		if len(b) == 8 {
			return change.IntegerValue(fromEpoch2000(int64(binary.BigEndian.Uint64(b)))), nil //nolint:gosec // G115: the bits are kept
		}
	case codeBool:
		if len(b) == 1 {
			return change.BoolValue(b[0] != 0), nil
		}
	case codeOID:
		if len(b) == 4 {
			return change.IntegerValue(int64(binary.BigEndian.Uint32(b))), nil
		}
	case codeFloat4:
		if len(b) == 4 {
			return floatValue(float64(math.Float32frombits(binary.BigEndian.Uint32(b)))), nil
		}
	case codeFloat8:
		if len(b) == 8 {
			return floatValue(math.Float64frombits(binary.BigEndian.Uint64(b))), nil
		}
	case codeChar:
		return d.char(b)
	case codeBytes:
		return change.BytesValue(b), nil
	case codeUUID:
		if len(b) == 16 {
			return change.BytesValue(b), nil
		}
	case codeJSONB:
		if len(b) > 0 && b[0] == 1 { // the format's version
			return change.TextValue(b[1:]), nil
		}
		return change.Value{}, errVersion
	case codeNumeric:
		return d.printed(t, b)
	case codeDate:
		if len(b) == 4 {
			return change.IntegerValue(fromDay2000(int32(binary.BigEndian.Uint32(b)))), nil //nolint:gosec // G115: the bits are kept
		}
	case codeTime:
		if len(b) == 8 {
			return change.IntegerValue(int64(binary.BigEndian.Uint64(b))), nil //nolint:gosec // G115: the bits are kept
		}
	case codeOther:
		return change.Value{}, errNoRead
	default:
		return d.printed(t, b)
	}
	return change.Value{}, fmt.Errorf("%w: %d bytes", errSize, len(b))
}

// floatValue makes all of the many NaNs one and the same.
func floatValue(f float64) change.Value {
	const quietNaN = 0x7ff8000000000000
	if math.IsNaN(f) {
		f = math.Float64frombits(quietNaN)
	}
	return change.FloatValue(f)
}

// fromEpoch2000 turns microseconds since 2000 into microseconds since 1970. The last 29 years that PostgreSQL knows,
// from 294247 on, do not fit: they become the last microsecond that does.
func fromEpoch2000(micros int64) int64 {
	switch micros {
	case math.MaxInt64:
		return change.PositiveInfinity
	case math.MinInt64:
		return change.NegativeInfinity
	default:
		return saturate(micros, microsTo2000)
	}
}

// saturate adds a positive number, stopping short of the infinity.
func saturate(micros, add int64) int64 {
	if micros >= change.PositiveInfinity-add {
		return change.PositiveInfinity - 1
	}
	return micros + add
}

func fromDay2000(day int32) int64 {
	switch day {
	case math.MaxInt32:
		return change.PositiveInfinity
	case math.MinInt32:
		return change.NegativeInfinity
	default:
		return int64(day) + daysTo2000
	}
}

// char reads a "char", which is any byte. Those beyond ASCII are no text: they become \ooo, as servers from 16 on print
// them.
func (d *Decoder) char(b []byte) (change.Value, error) {
	if len(b) != 1 {
		return change.Value{}, fmt.Errorf("%w: %d bytes", errSize, len(b))
	}
	switch c := b[0]; {
	case c == 0:
		return change.TextValue(b[:0]), nil
	case c < 0x80:
		return change.TextValue(b), nil
	default:
		s := d.alloc(4)
		s[0], s[1], s[2], s[3] = '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7
		return change.TextValue(s), nil
	}
}

// Keep copies bytes that do not live until Reset into memory that does.
func (d *Decoder) Keep(b []byte) []byte {
	s := d.alloc(len(b))
	copy(s, b)
	return s
}
