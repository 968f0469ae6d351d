package batch

import (
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

// column collects the values of one target column in the bytes of ClickHouse's Native format, and writes them out.
type column interface {
	proto.ColInput
	// append adds one row and gives the number of bytes that the column grew by. After an error nothing is added.
	append(c *conversion, v *change.Value) (grown int, err error)
	// truncate takes back the rows behind so many.
	truncate(rows int)
	// keep removes the rows whose entry is false.
	keep(rows []bool)
	// reset removes all rows and keeps the memory.
	reset()
	// size is the number of bytes that the rows have.
	size() int
	// cells walks through the rows from the first.
	cells() cells
}

// newColumn makes a column of the type, as the conversion writes it.
func newColumn(t *typeName, c *conversion) column {
	switch {
	case t.lowCardinality:
		return newDictionary(t, c.zero)
	case t.element != nil:
		return &array{typ: t.columnType(), element: newColumn(t.element, c.element)}
	default:
		return newAnswer(t, c)
	}
}

// answer is a column that a SELECT can be read into as well.
type answer interface {
	column
	proto.ColResult
}

// newAnswer makes a column of the type without its LowCardinality.
func newAnswer(t *typeName, c *conversion) answer {
	p := plain{typ: t.plainType(), zero: c.zero}
	if !t.variable() {
		p.width = len(c.zero)
	}
	switch {
	case t.element != nil:
		return &array{typ: t.plainType(), element: newAnswer(t.element, c.element)}
	case t.base == jsonType:
		return &jsonColumn{p}
	case t.nullable:
		return &nullable{plain: p}
	default:
		return &p
	}
}
