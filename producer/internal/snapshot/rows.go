package snapshot

import (
	"fmt"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

// batchSize is how many bytes of rows are published at once.
const batchSize = 1 << 20

// rows turns COPY's output into changes. The server sends each row as a message of its own, and each message comes in
// one Write.
type rows struct {
	table    *table
	template change.Change
	publish  func() error

	decoder pgvalue.Decoder
	buf     []byte // the batch's bytes, which its values alias
	values  []change.Value
	changes []change.Change
	header  bool // the binary format's is still to come
}

// begin makes ready for a chunk.
func (r *rows) begin(snapshot *source.Snapshot, t *table, publish func() error) {
	r.table, r.publish = t, publish
	r.template = change.Change{
		Relation: t.Relation, Op: change.Snapshot, Version: snapshot.Version, CommitTime: snapshot.Taken.UnixMicro(),
	}
	r.header = t.Binary()
	r.reset()
}

func (r *rows) reset() {
	r.buf, r.values, r.changes = r.buf[:0], r.values[:0], r.changes[:0]
	r.decoder.Reset()
}

// flush publishes the batch.
func (r *rows) flush() error {
	if len(r.changes) == 0 {
		return nil
	}
	if err := r.publish(); err != nil {
		return err
	}
	r.table.rowsDone.Add(int64(len(r.changes)))
	r.reset()
	return nil
}

// Write takes one message.
func (r *rows) Write(message []byte) (int, error) {
	if cap(r.buf) == 0 {
		r.buf = make([]byte, 0, batchSize)
	}
	if len(r.buf)+len(message) > cap(r.buf) {
		if err := r.flush(); err != nil {
			return 0, err
		}
	}
	start := len(r.buf)
	r.buf = append(r.buf, message...)
	row := r.buf[start:]
	from := len(r.values)
	var more bool
	var err error
	if r.table.Binary() {
		more, err = r.binary(row)
	} else {
		more, err = true, r.text(row)
	}
	if err != nil {
		return 0, fmt.Errorf("row %d of a batch: %w", len(r.changes)+1, err)
	}
	if more {
		c := r.template
		c.Values = r.values[from:len(r.values):len(r.values)]
		r.changes = append(r.changes, c)
	}
	return len(message), nil
}
