package recordbatch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

var (
	// ErrCut says that the bytes end before the batch does, as a broker's answer may at its size limit.
	ErrCut = errors.New("record batch is cut off")
	// ErrCorrupt says that the bytes are not what the producer wrote.
	ErrCorrupt = errors.New("record batch is corrupt")
	// ErrOld says that the batch was written in a format from before Kafka 0.11.
	ErrOld = errors.New("record batch is of a format older than Kafka 0.11's (magic 2)")
)

// Batch is a batch whose records are not yet read. It aliases the bytes that it was parsed from.
type Batch struct {
	BaseOffset int64
	// LastOffset is that of the last record that the batch had when it was written: compaction may have taken any of them.
	LastOffset    int64
	ProducerID    int64
	Count         int // of the records that are there, control records included
	Compression   Compression
	Transactional bool
	// Control says that the batch holds the end of a transaction, and nothing for a consumer.
	Control bool

	logAppendTime                bool
	firstTimestamp, maxTimestamp int64
	whole                        []byte
}

// Size is how many bytes the batch takes that b begins with, or 0 if b is too short to say.
func Size(b []byte) int {
	if len(b) < lengthEnd {
		return 0
	}
	return lengthEnd + int(int32(binary.BigEndian.Uint32(b[atLength:]))) //nolint:gosec // G115: the field is signed
}

// Parse reads the header of the batch that b begins with, and gives what follows the batch.
func Parse(b []byte) (batch Batch, rest []byte, err error) {
	be := binary.BigEndian
	switch size := Size(b); {
	case len(b) > atMagic && b[atMagic] != magic:
		return Batch{}, nil, fmt.Errorf("%w: magic %d", ErrOld, b[atMagic])
	case len(b) < HeaderSize:
		return Batch{}, nil, fmt.Errorf("%w: %d bytes of it", ErrCut, len(b))
	case size < HeaderSize:
		return Batch{}, nil, fmt.Errorf("%w: at offset %d: its size is %d bytes", ErrCorrupt, int64(be.Uint64(b)), size) //nolint:gosec // G115: an offset is signed
	case size > len(b):
		return Batch{}, nil, fmt.Errorf("%w: %d of %d bytes", ErrCut, len(b), size)
	default:
		b, rest = b[:size:size], b[size:]
	}
	attributes := be.Uint16(b[atAttributes:])
	batch = Batch{
		BaseOffset:     int64(be.Uint64(b[atBaseOffset:])),     //nolint:gosec // G115: the field is signed
		ProducerID:     int64(be.Uint64(b[atProducerID:])),     //nolint:gosec // G115: the field is signed
		Count:          int(int32(be.Uint32(b[atCount:]))),     //nolint:gosec // G115: the field is signed
		firstTimestamp: int64(be.Uint64(b[atFirstTimestamp:])), //nolint:gosec // G115: the field is signed
		maxTimestamp:   int64(be.Uint64(b[atMaxTimestamp:])),   //nolint:gosec // G115: the field is signed
		Compression:    Compression(attributes & compressionMask),
		Transactional:  attributes&transactionalMask != 0,
		Control:        attributes&controlMask != 0,
		logAppendTime:  attributes&logAppendTimeMask != 0,
		whole:          b,
	}
	batch.LastOffset = batch.BaseOffset + int64(int32(be.Uint32(b[atLastOffsetDelta:]))) //nolint:gosec // G115: the field is signed
	if batch.LastOffset < batch.BaseOffset {
		return Batch{}, nil, fmt.Errorf("%w: at offset %d: it ends at offset %d", ErrCorrupt, batch.BaseOffset, batch.LastOffset)
	}
	return batch, rest, nil
}

// Verify compares the checksum.
func (b *Batch) Verify() error {
	got, want := crc32.Checksum(b.whole[atAttributes:], castagnoli), binary.BigEndian.Uint32(b.whole[atChecksum:])
	if got != want {
		return fmt.Errorf("%w: at offset %d: its checksum is %08x, and should be %08x", ErrCorrupt, b.BaseOffset, got, want)
	}
	return nil
}

// Aborts reports whether a control batch, verified already, aborts its producer's transaction.
func (b *Batch) Aborts() bool {
	if !b.Control {
		return false
	}
	var r Record
	_, err := b.record(b.whole[HeaderSize:], &r)
	// The key of a control record is a version and a type, of which 0 aborts and 1 commits.
	return err == nil && len(r.Key) >= 4 && binary.BigEndian.Uint16(r.Key[2:]) == 0
}
