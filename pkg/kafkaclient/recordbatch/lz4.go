package recordbatch

import (
	"encoding/binary"
	"slices"

	"github.com/pierrec/lz4/v4"
)

// lz4FrameHeader begins an LZ4 frame of independent blocks of up to 1 MiB without checksums, as Kafka's clients all
// read it: magic number, flags, block size, and the second byte of the xxHash-32 of these two.
var lz4FrameHeader = [7]byte{0x04, 0x22, 0x4D, 0x18, 0x60, 0x60, 0x51}

const (
	lz4BlockSize    = 1 << 20
	lz4Uncompressed = 1 << 31 // in a block's size
)

// lz4Compressor writes the frame by hand: the library's writer starts goroutines and buffers for streams.
type lz4Compressor struct{ block lz4.Compressor }

func (c *lz4Compressor) append(dst, src []byte) []byte {
	dst = append(dst, lz4FrameHeader[:]...)
	for len(src) > 0 {
		block := src[:min(len(src), lz4BlockSize)]
		src = src[len(block):]
		dst = c.appendBlock(dst, block)
	}
	return append(dst, 0, 0, 0, 0) // a block of no size ends the frame
}

func (c *lz4Compressor) appendBlock(dst, block []byte) []byte {
	at := len(dst) + 4
	bound := lz4.CompressBlockBound(len(block))
	dst = slices.Grow(dst, 4+bound)
	n, err := c.block.CompressBlock(block, dst[at:at+bound])
	if err != nil || n == 0 || n >= len(block) { // not to be compressed
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(block))|lz4Uncompressed) //nolint:gosec // G115: at most 1 MiB
		return append(dst, block...)
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(n)) //nolint:gosec // G115: at most 1 MiB
	return dst[:at+n]
}
