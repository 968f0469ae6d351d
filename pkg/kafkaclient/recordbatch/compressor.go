package recordbatch

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Compression is how a batch's records are compressed.
type Compression uint8

// The compressions, with Kafka's numbers. All are read; None, LZ4 and Zstd are written.
const (
	None   Compression = 0
	Gzip   Compression = 1
	Snappy Compression = 2
	LZ4    Compression = 3
	Zstd   Compression = 4
)

// Compressor compresses batches. It may be used by any number of goroutines.
type Compressor struct {
	compression Compression
	lz4         sync.Pool // of *lz4Compressor
	zstd        *zstd.Encoder
}

// NewCompressor takes the compression's name: "none", "lz4" or "zstd".
func NewCompressor(name string) (*Compressor, error) {
	switch name {
	case "none":
		return &Compressor{compression: None}, nil
	case "lz4":
		return &Compressor{compression: LZ4}, nil
	case "zstd":
		// A batch is under a mebibyte, so that a larger window would be memory for nothing.
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false))
		if err != nil {
			return nil, fmt.Errorf("compression %q: %w", name, err)
		}
		return &Compressor{compression: Zstd, zstd: e}, nil
	default:
		return nil, fmt.Errorf("compression %q is unknown: use none, lz4 or zstd", name)
	}
}

func (c *Compressor) append(dst, src []byte) []byte {
	if c.compression == Zstd {
		return c.zstd.EncodeAll(src, dst)
	}
	l, ok := c.lz4.Get().(*lz4Compressor)
	if !ok {
		l = new(lz4Compressor)
	}
	defer c.lz4.Put(l)
	return l.append(dst, src)
}
