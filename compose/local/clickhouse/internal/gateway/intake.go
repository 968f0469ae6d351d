package gateway

import (
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse/internal/native"
)

// intake is an INSERT on its way in. After the first refusal the blocks that still come are dropped, since the client
// does not listen before it has sent them all.
type intake struct {
	spool   spool
	columns []native.Column
	limit   int64

	rows, size int64
	refusal    error
}

func (in *intake) take(b block) {
	if in.refusal != nil || b.rows == 0 {
		return
	}
	in.refusal = in.store(b)
}

func (in *intake) store(b block) error {
	for _, c := range b.columns {
		if !in.expects(c.Name) { // the engine would skip it without a word
			return exception(proto.ErrIncorrectData, "Unknown column %s in a block of the INSERT", c.Name)
		}
	}
	if in.size += int64(len(b.data)); in.size > in.limit {
		return exception(proto.ErrMemoryLimitExceeded, "The INSERT is larger than the local gateway's limit of %d bytes", in.limit)
	}
	in.rows += int64(b.rows)
	_, err := in.spool.Write(b.data)
	return err
}

func (in *intake) expects(name string) bool {
	for _, c := range in.columns {
		if c.Name == name {
			return true
		}
	}
	return false
}
