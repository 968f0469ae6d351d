package recordbatch

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Decoder reads the records of batches. It belongs to one goroutine.
type Decoder struct {
	// MaxSize is the most that a batch may take when it is decompressed.
	MaxSize int

	expander expander
}

// Records verifies the batch and appends its records to dst. What they hold aliases the batch, or the Decoder's
// memory until the next call.
func (d *Decoder) Records(dst []Record, b *Batch) ([]Record, error) {
	if err := b.Verify(); err != nil {
		return dst, err
	}
	data := b.whole[HeaderSize:]
	if b.Compression != None && b.Count > 0 {
		var err error
		if data, err = d.expander.expand(b.Compression, data, d.MaxSize); err != nil {
			return dst, fmt.Errorf("record batch at offset %d: %w", b.BaseOffset, err)
		}
	}
	if b.Count < 0 || b.Count > len(data)/minRecordSize {
		return dst, fmt.Errorf("%w: at offset %d: %d bytes cannot hold %d records", ErrCorrupt, b.BaseOffset, len(data), b.Count)
	}
	for i := range b.Count {
		dst = append(dst, Record{})
		var err error
		if data, err = b.record(data, &dst[len(dst)-1]); err != nil {
			return dst[:len(dst)-1-i], fmt.Errorf("%w: at offset %d: record %d of %d: %w", ErrCorrupt, b.BaseOffset, i+1, b.Count, err)
		}
	}
	return dst, nil
}

// minRecordSize is that of a record with neither key nor value: seven fields of a byte.
const minRecordSize = 7

var errRecord = errors.New("it is malformed")

// record reads the record that data begins with, and gives what follows it.
func (b *Batch) record(data []byte, r *Record) (rest []byte, err error) {
	n, data, ok := varint(data)
	if !ok || n < minRecordSize-1 || n > int64(len(data)) {
		return nil, errRecord
	}
	data, rest = data[1:n], data[n:]
	timestamp, data, ok1 := varint(data)
	offset, data, ok2 := varint(data)
	key, data, ok3 := nullable(data)
	value, headers, ok4 := nullable(data)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return nil, errRecord
	}
	r.Offset, r.Timestamp, r.Key, r.Value, r.Headers = b.BaseOffset+offset, b.firstTimestamp+timestamp, key, value, headers
	if b.logAppendTime {
		r.Timestamp = b.maxTimestamp
	}
	if r.Offset < b.BaseOffset || r.Offset > b.LastOffset {
		return nil, errRecord
	}
	return rest, nil
}

func nullable(b []byte) (v, rest []byte, ok bool) {
	n, b, ok := varint(b)
	switch {
	case !ok, n > int64(len(b)), n < -1:
		return nil, nil, false
	case n < 0:
		return nil, b, true
	default:
		return b[:n:n], b[n:], true
	}
}

func varint(b []byte) (v int64, rest []byte, ok bool) {
	if len(b) > 0 && b[0] < 0x80 { // nearly all are one byte
		u := int64(b[0])
		return u>>1 ^ -(u & 1), b[1:], true
	}
	v, n := binary.Varint(b)
	if n <= 0 {
		return 0, nil, false
	}
	return v, b[n:], true
}
