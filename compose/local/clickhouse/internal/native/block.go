package native

import (
	"bufio"
	"fmt"
)

const (
	maxRows    = 1 << 30 // of a block, and elements of its arrays
	maxColumns = 100_000
)

// Column is a column's name and type.
type Column struct{ Name, Type string }

// Layout says which of the two encodings a block is in.
type Layout bool

// The two encodings.
const (
	File     Layout = false // as in Native files, and in the protocol before revision 54454
	Protocol Layout = true  // with the custom serialization byte, as in the protocol since
)

// Walker copies blocks from In to the end of Out.
type Walker struct {
	In  *bufio.Reader
	Out []byte
}

// Block copies one block, after its block info (the walker takes no notice of that), and tells what was in it. At the
// end of In, before a first byte, it returns io.EOF; an end anywhere else is io.ErrUnexpectedEOF.
func (w *Walker) Block(from, to Layout) (columns []Column, rows int, err error) {
	if _, err := w.In.Peek(1); err != nil {
		return nil, 0, err
	}
	nColumns, err := w.uvarint()
	if err != nil {
		return nil, 0, err
	}
	nRows, err := w.uvarint()
	if err != nil {
		return nil, 0, err
	}
	if nColumns > maxColumns || nRows > maxRows {
		return nil, 0, fmt.Errorf("block of %d columns and %d rows: %w", nColumns, nRows, ErrUnsupported)
	}
	for range nColumns {
		c, err := w.column(from, to, int(nRows))
		if err != nil {
			return nil, 0, err
		}
		columns = append(columns, c)
	}
	return columns, int(nRows), nil
}

func (w *Walker) column(from, to Layout, rows int) (c Column, err error) {
	if c.Name, err = w.name(); err != nil {
		return c, fmt.Errorf("column name: %w", err)
	}
	if c.Type, err = w.name(); err != nil {
		return c, fmt.Errorf("type of column %s: %w", c.Name, err)
	}
	if from == Protocol {
		custom, err := w.In.ReadByte()
		if err != nil {
			return c, cutShort(err)
		}
		if custom != 0 {
			return c, fmt.Errorf("column %s: a custom serialization is %w", c.Name, ErrUnsupported)
		}
	}
	if to == Protocol {
		w.Out = append(w.Out, 0)
	}
	if rows == 0 {
		return c, nil
	}
	t, err := Parse(c.Type)
	if err != nil {
		return c, fmt.Errorf("column %s: %w", c.Name, err)
	}
	if err := w.prefix(t); err != nil {
		return c, fmt.Errorf("column %s %s: %w", c.Name, c.Type, err)
	}
	if err := w.values(t, rows); err != nil {
		return c, fmt.Errorf("column %s %s: %w", c.Name, c.Type, err)
	}
	return c, nil
}
