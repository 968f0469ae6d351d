package snapshot

import (
	"fmt"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

// batchSize is how many bytes of rows are published at once: few enough for the values made of them to stay in the
// processor's cache until they are encoded, enough for a lookup to ask for many rows at once.
const batchSize = 1 << 16

// rows turns COPY's output into changes. The server sends each row as a message of its own, and each message comes in
// one Write.
type rows struct {
	table    *table
	template change.Change
	publish  func([]change.Change) error
	header   bool // the binary format's is still to come

	decoder pgvalue.Decoder
	buf     []byte // the batch's bytes, which its values alias
	values  []change.Value
	changes []change.Change
}

// begin makes ready for a chunk.
func (r *rows) begin(snapshot *source.Snapshot, t *table, publish func([]change.Change) error) {
	r.table, r.publish = t, publish
	r.template = change.Change{
		Relation: t.Relation, Op: change.Snapshot, Version: snapshot.Version, CommitTime: snapshot.Taken.UnixMicro(),
	}
	r.header = t.binary
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
	if err := r.publish(r.changes); err != nil {
		return err
	}
	r.table.rowsRead.Add(int64(len(r.changes)))
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
	from := len(r.values)
	row, err := true, error(nil)
	if r.table.binary {
		row, err = r.binary(r.buf[start:])
	} else {
		err = r.text(r.buf[start:])
	}
	if err != nil {
		return 0, fmt.Errorf("decode a row: %w", err)
	}
	if row {
		c := r.template
		c.Values = r.values[from:len(r.values):len(r.values)]
		r.changes = append(r.changes, c)
	}
	return len(message), nil
}
