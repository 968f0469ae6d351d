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
	// removeLast takes back the last row, once.
	removeLast()
	// keep removes the rows whose entry is false.
	keep(rows []bool)
	// reset removes all rows and keeps the memory.
	reset()
	// size is the number of bytes that the rows have.
	size() int
	// cells walks through the rows from the first.
	cells() cells
}

func newColumn(t *typeName, zero []byte) column {
	if t.lowCardinality {
		return newDictionary(t, zero)
	}
	return newAnswer(t, zero)
}

// answer is a column that a SELECT can be read into as well.
type answer interface {
	column
	proto.ColResult
}

// newAnswer makes a column of the type without its LowCardinality.
func newAnswer(t *typeName, zero []byte) answer {
	p := plain{typ: t.plainType(), zero: zero}
	if !t.variable() {
		p.width = len(zero)
	}
	if t.nullable {
		return &nullable{plain: p}
	}
	return &p
}
