package native

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	maxName = 1 << 20 // of a column's name or type
	maxText = 1 << 30 // of one String value

	// step is how much is allocated at most for bytes that have been announced and have not come yet.
	step = 4 << 20
)

// cutShort turns an end of input, which is regular only in front of a block, into an error.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// bytes copies n values of size bytes.
func (w *Walker) bytes(n, size int) error {
	for left := int64(n) * int64(size); left > 0; {
		part := int(min(left, step))
		at := len(w.Out)
		w.Out = slices.Grow(w.Out, part)[:at+part]
		if got, err := io.ReadFull(w.In, w.Out[at:]); err != nil {
			w.Out = w.Out[:at+got]
			return cutShort(err)
		}
		left -= int64(part)
	}
	return nil
}

func (w *Walker) uvarint() (uint64, error) {
	at := len(w.Out)
	for range binary.MaxVarintLen64 {
		b, err := w.In.ReadByte()
		if err != nil {
			return 0, cutShort(err)
		}
		w.Out = append(w.Out, b)
		if b < 0x80 {
			break
		}
	}
	v, n := binary.Uvarint(w.Out[at:])
	if n <= 0 {
		return 0, fmt.Errorf("number of more than 64 bits: %w", ErrUnsupported)
	}
	return v, nil
}

func (w *Walker) uint64() (uint64, error) {
	if err := w.bytes(1, 8); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(w.Out[len(w.Out)-8:]), nil
}

// count copies a number of rows.
func (w *Walker) count() (int, error) {
	n, err := w.uint64()
	if err == nil && n > maxRows {
		err = fmt.Errorf("%d values: %w", n, ErrUnsupported)
	}
	return int(n), err
}

// name copies a column's name or type.
func (w *Walker) name() (string, error) {
	n, err := w.uvarint()
	if err != nil {
		return "", err
	}
	if n > maxName {
		return "", fmt.Errorf("%d bytes long: %w", n, ErrUnsupported)
	}
	at := len(w.Out)
	if err := w.bytes(1, int(n)); err != nil {
		return "", err
	}
	return string(w.Out[at:]), nil
}

// texts copies n strings. Most lie whole in the input's buffer, and many of them are copied at once; this is where an
// INSERT's time goes otherwise.
func (w *Walker) texts(n int) error {
	for n > 0 {
		buffered, err := w.In.Peek(max(1, w.In.Buffered()))
		if err != nil {
			return cutShort(err)
		}
		whole, size := wholeTexts(buffered, n)
		w.Out = append(w.Out, buffered[:size]...)
		if _, err := w.In.Discard(size); err != nil {
			return cutShort(err)
		}
		if n -= whole; n == 0 {
			return nil
		}
		if err := w.text(); err != nil { // the one across the buffer's edge
			return err
		}
		n--
	}
	return nil
}

// wholeTexts counts the strings, at most n, that lie whole at the start of b, and their bytes.
func wholeTexts(b []byte, n int) (whole, size int) {
	for whole < n && size < len(b) {
		length, prefix := uint64(b[size]), 1
		if length >= 0x80 {
			if length, prefix = binary.Uvarint(b[size:]); prefix <= 0 {
				break
			}
		}
		if uint64(len(b)-size-prefix) < length {
			break
		}
		size += prefix + int(length)
		whole++
	}
	return whole, size
}

func (w *Walker) text() error {
	n, err := w.uvarint()
	if err != nil {
		return err
	}
	if n > maxText {
		return fmt.Errorf("string of %d bytes: %w", n, ErrUnsupported)
	}
	return w.bytes(1, int(n))
}
