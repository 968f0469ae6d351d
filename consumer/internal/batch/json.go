package batch

import (
	"encoding/binary"
	"errors"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

const jsonType = "JSON"

// jsonAsText says, before the column in each block, that each value is sent as text.
const jsonAsText = 1

var errNoObject = errors.New("ClickHouse's JSON holds objects alone")

// jsonColumn is a column of ClickHouse's own JSON type, sent as text.
type jsonColumn struct{ plain }

// EncodeState writes what stands before the column in each block.
func (*jsonColumn) EncodeState(b *proto.Buffer) {
	b.Buf = binary.LittleEndian.AppendUint64(b.Buf, jsonAsText)
}

func jsonAppender(source change.Type, t *typeName) (appender, []byte, error) {
	if source != change.TypeJSON && source != change.TypeOther || t.nullable || t.lowCardinality {
		return nil, nil, errNoConversion
	}
	return func(b []byte, v *change.Value) ([]byte, error) {
		for _, c := range v.Bytes {
			switch c {
			case ' ', '\t', '\n', '\r':
				continue
			case '{':
				return appendString(b, v)
			}
			break
		}
		return b, errNoObject
	}, []byte("\x02{}"), nil
}
