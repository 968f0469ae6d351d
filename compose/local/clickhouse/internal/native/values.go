package native

import (
	"encoding/binary"
	"fmt"
)

// The versions in the prefixes of columns that have one.
const (
	lowCardinalityVersion = 1 // dictionaries shared by the block's rows, the only one there is
	jsonTextVersion       = 1 // values as text; the others are trees of columns that come and go
)

// The bits of a LowCardinality column's flags.
const (
	indexWidth       = 0xff   // 0 to 3: an index takes 1, 2, 4 or 8 bytes
	globalDictionary = 1 << 8 // only in MergeTree's own files
	ownDictionary    = 1 << 9 // keys follow
)

// prefix copies what comes before a column's first value, once for each nested column that has such a thing.
func (w *Walker) prefix(t *Type) error {
	want := uint64(0)
	switch t.shape {
	case lowCardinality:
		want = lowCardinalityVersion
	case jsonText:
		want = jsonTextVersion
	default:
		for _, a := range t.args {
			if err := w.prefix(a); err != nil {
				return err
			}
		}
		return nil
	}
	version, err := w.uint64()
	if err == nil && version != want {
		err = fmt.Errorf("serialization version %d is %w", version, ErrUnsupported)
	}
	return err
}

// values copies the values of a column or a nested column.
func (w *Walker) values(t *Type, rows int) error {
	if rows == 0 {
		return nil
	}
	switch t.shape {
	case text, jsonText:
		return w.texts(rows)
	case nullable:
		if err := w.bytes(rows, 1); err != nil {
			return err
		}
		return w.values(t.args[0], rows)
	case array:
		return w.arrays(t.args[0], rows)
	case tuple:
		if len(t.args) == 0 {
			return w.bytes(rows, 1)
		}
		for _, a := range t.args {
			if err := w.values(a, rows); err != nil {
				return err
			}
		}
		return nil
	case lowCardinality:
		return w.indexed(t.args[0], rows)
	default:
		return w.bytes(rows, t.size)
	}
}

// arrays copies end offsets and elements; the last offset is the number of elements.
func (w *Walker) arrays(element *Type, rows int) error {
	if err := w.bytes(rows, 8); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint64(w.Out[len(w.Out)-8:])
	if n > maxRows {
		return fmt.Errorf("arrays of %d elements: %w", n, ErrUnsupported)
	}
	return w.values(element, int(n))
}

// indexed copies a LowCardinality column: flags, dictionary, indexes.
func (w *Walker) indexed(value *Type, rows int) error {
	flags, err := w.uint64()
	if err != nil {
		return err
	}
	width := flags & indexWidth
	if width > 3 || flags&globalDictionary != 0 || flags&ownDictionary == 0 {
		return fmt.Errorf("LowCardinality flags %#x: %w", flags, ErrUnsupported)
	}
	if value.shape == nullable { // the dictionary's first key stands for NULL
		value = value.args[0]
	}
	keys, err := w.count()
	if err != nil {
		return err
	}
	if err := w.values(value, keys); err != nil {
		return err
	}
	indexes, err := w.count()
	if err != nil {
		return err
	}
	if indexes != rows {
		return fmt.Errorf("%d LowCardinality indexes for %d rows: %w", indexes, rows, ErrUnsupported)
	}
	return w.bytes(rows, 1<<width)
}
