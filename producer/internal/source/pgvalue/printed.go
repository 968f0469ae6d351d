package pgvalue

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"eventsync/pkg/change"
)

// printed reads the binary format of a type that is kept as the server prints it.
func (d *Decoder) printed(t Type, b []byte) (change.Value, error) {
	s, err := appendPrinted(d.scratch[:0], t, b)
	d.scratch = s
	if err != nil {
		return change.Value{}, err
	}
	return change.TextValue(d.Keep(s)), nil
}

// appendPrinted appends what the server prints of a binary value: to the byte what its text format is.
func appendPrinted(s []byte, t Type, b []byte) ([]byte, error) {
	f := &fields{b: b}
	switch t.code {
	case codeBool:
		s = append(s, "ft"[f.uint8()&1])
	case codeInt2:
		s = strconv.AppendInt(s, int64(int16(f.uint16())), 10) //nolint:gosec // G115: the bits are kept
	case codeInt4:
		s = strconv.AppendInt(s, int64(f.int32()), 10)
	case codeInt8:
		s = strconv.AppendInt(s, f.int64(), 10)
	case codeOID, codeXID:
		s = strconv.AppendUint(s, uint64(f.uint32()), 10)
	case codeXID8:
		s = strconv.AppendUint(s, f.uint64(), 10)
	case codeTID:
		s = strconv.AppendUint(append(s, '('), uint64(f.uint32()), 10)
		s = append(strconv.AppendUint(append(s, ','), uint64(f.uint16()), 10), ')')
	case codeFloat4:
		s = f.float4(s)
	case codeFloat8:
		s = f.float8(s)
	case codeText, codeJSON, codeXML:
		s = append(s, f.take(len(f.b))...)
	case codeJSONB, codeJSONPath:
		if f.uint8() != 1 { // the format's version
			return s, errVersion
		}
		s = append(s, f.take(len(f.b))...)
	case codeBytes:
		s = hex.AppendEncode(append(s, `\x`...), f.take(len(f.b)))
	case codeUUID:
		s = f.uuid(s)
	case codeNumeric:
		return appendNumeric(s, b)
	case codeDate:
		s = f.date(s)
	case codeTime:
		s = appendTime(s, f.int64())
	case codeTimeTZ:
		s = appendOffset(appendTime(s, f.int64()), f.int32())
	case codeTimestamp, codeTimestampTZ:
		s = f.timestamp(s, t.code == codeTimestampTZ)
	case codeInterval:
		s = f.interval(s)
	case codeInet:
		s = f.inet(s)
	case codeMACAddr:
		s = f.macaddr(s)
	case codeBit:
		s = f.bit(s)
	case codePoint, codeLine, codeSegment, codeBox, codePath, codePolygon, codeCircle:
		s = f.geometry(s, t.code)
	case codeTSVector:
		s = f.tsvector(s)
	case codeHstore:
		s = f.hstore(s)
	case codeArray:
		return appendArray(s, t.parts, b)
	case codeRange:
		return appendRange(s, t.of, b)
	case codeMultirange:
		return appendMultirange(s, t.of, b)
	default:
		return s, errNoRead
	}
	if !f.end() {
		return s, fmt.Errorf("%w: %d bytes", errSize, len(b))
	}
	return s, nil
}

func (f *fields) uuid(s []byte) []byte {
	for i, n := range [...]int{4, 2, 2, 2, 6} {
		if i > 0 {
			s = append(s, '-')
		}
		s = hex.AppendEncode(s, f.take(n))
	}
	return s
}

func (f *fields) macaddr(s []byte) []byte {
	for i, b := range f.take(len(f.b)) {
		if i > 0 {
			s = append(s, ':')
		}
		s = hex.AppendEncode(s, []byte{b})
	}
	return s
}

// bit reads a bit string: the number of bits, and bytes whose first bit is the highest.
func (f *fields) bit(s []byte) []byte {
	bits := int(f.int32())
	b := f.take((bits + 7) / 8)
	for i := range bits {
		if b == nil {
			break
		}
		s = append(s, '0'+b[i/8]>>(7-i%8)&1)
	}
	return s
}
