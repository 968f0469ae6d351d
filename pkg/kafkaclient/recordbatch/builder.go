package recordbatch

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// Builder collects the records of one batch. It belongs to one goroutine; Reset makes it ready for the next batch,
// in the same memory.
type Builder struct {
	records        []byte
	count          int32
	firstTimestamp int64
	maxTimestamp   int64
}

// Reset forgets the records.
func (b *Builder) Reset() {
	b.records, b.count = b.records[:0], 0
}

// Count is the number of records.
func (b *Builder) Count() int { return int(b.count) }

// Size is the size of the batch without compression.
func (b *Builder) Size() int { return HeaderSize + len(b.records) }

// RecordSize is the most that a record adds to a batch's size.
func RecordSize(key, value []byte, headers ...Header) int {
	const (
		attributes = 1
		varints    = binary.MaxVarintLen32 /* length */ + binary.MaxVarintLen64 /* timestamp */ + 3*binary.MaxVarintLen32
	)
	return attributes + varints + len(key) + len(value) + headersSize(headers)
}

// Append adds a record, of which it keeps nothing but a copy. A nil key or value is null.
func (b *Builder) Append(timestamp int64, key, value []byte, headers ...Header) {
	r := b.begin(timestamp, bytesSize(key)+bytesSize(value)+headersSize(headers))
	r = appendBytes(r, key)
	r = appendBytes(r, value)
	r = binary.AppendVarint(r, int64(len(headers)))
	for i := range headers {
		r = binary.AppendVarint(r, int64(len(headers[i].Key)))
		r = append(r, headers[i].Key...)
		r = appendBytes(r, headers[i].Value)
	}
	b.records = r
	b.count++
}

// begin appends what a record has before its key; size is that of the key and what follows it.
func (b *Builder) begin(timestamp int64, size int) []byte {
	if b.count == 0 {
		b.firstTimestamp, b.maxTimestamp = timestamp, timestamp
	}
	b.maxTimestamp = max(b.maxTimestamp, timestamp)
	timestampDelta, offsetDelta := timestamp-b.firstTimestamp, int64(b.count)
	r := binary.AppendVarint(b.records, int64(1+varintSize(timestampDelta)+varintSize(offsetDelta)+size))
	r = append(r, 0) // attributes: none are defined
	r = binary.AppendVarint(r, timestampDelta)
	return binary.AppendVarint(r, offsetDelta)
}

// appendTail adds a record of which everything from the key on is encoded already.
func (b *Builder) appendTail(timestamp int64, tail []byte) {
	b.records = append(b.begin(timestamp, len(tail)), tail...)
	b.count++
}

// Seal appends the batch to dst, compressed by c unless that makes it larger. The Builder is unchanged. A batch
// without records is not one: Seal appends nothing.
func (b *Builder) Seal(dst []byte, c *Compressor) []byte {
	if b.count == 0 {
		return dst
	}
	start := len(dst)
	dst = append(dst, make([]byte, HeaderSize)...)
	used := None
	if c != nil && c.compression != None {
		dst = c.append(dst, b.records)
		used = c.compression
	}
	if used == None || len(dst)-start >= b.Size() {
		dst = append(dst[:start+HeaderSize], b.records...)
		used = None
	}
	b.writeHeader(dst[start:], used)
	return dst
}

func (b *Builder) writeHeader(batch []byte, used Compression) {
	be := binary.BigEndian
	be.PutUint64(batch[atBaseOffset:], 0)                        // the broker's to fill in
	be.PutUint32(batch[atLength:], uint32(len(batch)-lengthEnd)) //nolint:gosec // G115: a batch is far below 2 GiB
	be.PutUint32(batch[atLeaderEpoch:], math.MaxUint32)          // -1: the broker's to fill in
	batch[atMagic] = magic
	be.PutUint16(batch[atAttributes:], uint16(used))
	be.PutUint32(batch[atLastOffsetDelta:], uint32(b.count-1))       //nolint:gosec // G115: count is positive
	be.PutUint64(batch[atFirstTimestamp:], uint64(b.firstTimestamp)) //nolint:gosec // G115: the bits are kept
	be.PutUint64(batch[atMaxTimestamp:], uint64(b.maxTimestamp))     //nolint:gosec // G115: the bits are kept
	be.PutUint64(batch[atProducerID:], math.MaxUint64)               // -1: not idempotent
	be.PutUint16(batch[atProducerEpoch:], math.MaxUint16)
	be.PutUint32(batch[atBaseSequence:], math.MaxUint32)
	be.PutUint32(batch[atCount:], uint32(b.count)) //nolint:gosec // G115: count is positive
	be.PutUint32(batch[atChecksum:], crc32.Checksum(batch[atAttributes:], castagnoli))
}

func appendBytes(b, v []byte) []byte {
	if v == nil {
		return binary.AppendVarint(b, -1)
	}
	b = binary.AppendVarint(b, int64(len(v)))
	return append(b, v...)
}

func bytesSize(v []byte) int {
	if v == nil {
		return 1
	}
	return varintSize(int64(len(v))) + len(v)
}

func varintSize(v int64) int {
	u := uint64(v<<1) ^ uint64(v>>63) //nolint:gosec // G115: zigzag keeps the bits
	n := 1
	for ; u >= 0x80; u >>= 7 {
		n++
	}
	return n
}
