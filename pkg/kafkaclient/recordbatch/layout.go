package recordbatch

import "hash/crc32"

// Where the fields of a batch's header are. All of them are big endian.
const (
	atBaseOffset      = 0
	atLength          = 8 // of everything after this field
	atLeaderEpoch     = 12
	atMagic           = 16
	atChecksum        = 17 // CRC-32C of everything after this field
	atAttributes      = 21
	atLastOffsetDelta = 23
	atFirstTimestamp  = 27
	atMaxTimestamp    = 35
	atProducerID      = 43
	atProducerEpoch   = 51
	atBaseSequence    = 53
	atCount           = 57

	// HeaderSize is where the records of a batch begin.
	HeaderSize = 61

	lengthEnd = atLength + 4
	magic     = 2
)

// Bits of the attributes; the lowest three are the Compression.
const (
	compressionMask   = 0x07
	logAppendTimeMask = 0x08
	transactionalMask = 0x10
	controlMask       = 0x20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)
