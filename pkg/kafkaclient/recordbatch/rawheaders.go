package recordbatch

import (
	"errors"
	"fmt"
)

// RawHeaders are a record's headers as they are in its batch: their number, and each one's name and value.
type RawHeaders []byte

var errHeaders = errors.New("the record's headers are malformed")

// Parse gives the headers, none where there are none. Values alias what they were read from, and are nil where they are
// null; names do not.
func (h RawHeaders) Parse() ([]Header, error) {
	if len(h) == 0 {
		return nil, nil
	}
	n, rest, ok := varint(h)
	if !ok || n < 0 || n > int64(len(rest)/minHeaderSize) {
		return nil, errHeaders
	}
	headers := make([]Header, 0, n)
	for i := range n {
		var name, value []byte
		var ok1, ok2 bool
		name, rest, ok1 = nullable(rest)
		value, rest, ok2 = nullable(rest)
		if !ok1 || !ok2 || name == nil {
			return nil, fmt.Errorf("%w: header %d of %d", errHeaders, i+1, n)
		}
		headers = append(headers, Header{Key: string(name), Value: value})
	}
	return headers, nil
}

// minHeaderSize is that of a header with an empty name and no value: two fields of a byte.
const minHeaderSize = 2
