package snapshot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"eventsync/pkg/change"
)

var (
	signature  = []byte("PGCOPY\n\xff\r\n\x00")
	errBinary  = errors.New("a row of COPY's binary format that is malformed")
	errColumns = errors.New("a row with another number of columns than its table")
)

// binary reads a message of the binary format, and reports whether it holds a row: the last one does not.
func (r *rows) binary(b []byte) (row bool, err error) {
	if r.header {
		if b, err = cutHeader(b); err != nil {
			return false, err
		}
		r.header = false
		if len(b) == 0 {
			return false, nil
		}
	}
	if len(b) < 2 {
		return false, errBinary
	}
	count := int16(binary.BigEndian.Uint16(b)) //nolint:gosec // G115: the bits are kept
	b = b[2:]
	if count == -1 {
		return false, nil
	}
	if int(count) != len(r.table.Types) {
		return false, errColumns
	}
	for i, t := range r.table.Types {
		if len(b) < 4 {
			return false, errBinary
		}
		size := int32(binary.BigEndian.Uint32(b)) //nolint:gosec // G115: the bits are kept
		b = b[4:]
		v := change.NullValue()
		if size >= 0 {
			if int(size) > len(b) {
				return false, errBinary
			}
			if v, err = r.decoder.Binary(t, b[:size]); err != nil {
				return false, fmt.Errorf("column %s: %w", r.table.Relation.Columns[i].Name, err)
			}
			b = b[size:]
		}
		r.values = append(r.values, v)
	}
	return true, nil
}

// cutHeader cuts the signature, the flags and the extension off.
func cutHeader(b []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(b, signature)
	if !ok || len(rest) < 8 {
		return nil, errBinary
	}
	extension := binary.BigEndian.Uint32(rest[4:])
	rest = rest[8:]
	if uint64(extension) > uint64(len(rest)) {
		return nil, errBinary
	}
	return rest[extension:], nil
}
