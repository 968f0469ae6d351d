package recordbatch

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/segmentio/kafka-go/compress"
)

// expander decompresses into memory that it uses again.
type expander struct {
	zstd *zstd.Decoder
	in   bytes.Reader
	out  []byte
}

func (e *expander) expand(c Compression, src []byte, limit int) (out []byte, err error) {
	if c == Zstd {
		out, err = e.expandZstd(src, limit)
	} else {
		out, err = e.expandStream(c, src, limit)
	}
	if err != nil {
		return nil, fmt.Errorf("decompress its %d bytes: %w", len(src), err)
	}
	e.out = out
	return out, nil
}

func (e *expander) expandZstd(src []byte, limit int) ([]byte, error) {
	if e.zstd == nil {
		var err error
		e.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxMemory(uint64(limit))) //nolint:gosec // G115: a limit is positive
		if err != nil {
			return nil, err
		}
	}
	out, err := e.zstd.DecodeAll(src, e.out[:0])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return nil, fmt.Errorf("it is larger than the limit of %d bytes: %w", limit, err)
	}
	return out, err
}

func (e *expander) expandStream(c Compression, src []byte, limit int) (_ []byte, err error) {
	codec := compress.Compression(c).Codec() //nolint:gosec // G115: three bits
	if codec == nil {
		return nil, fmt.Errorf("compression %d is unknown", c)
	}
	e.in.Reset(src)
	r := codec.NewReader(&e.in) // from a pool
	defer func() { err = errors.Join(err, r.Close()) }()
	out := e.out[:0]
	for {
		if len(out) == cap(out) {
			out = append(out, 0)[:len(out)]
		}
		n, err := r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, err
		case len(out) > limit:
			return nil, fmt.Errorf("it is larger than the limit of %d bytes", limit)
		}
	}
}
