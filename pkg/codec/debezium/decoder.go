package debezium

import (
	"errors"
	"fmt"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// Decoder reads Debezium's messages, with a schema or without, ours and Debezium's own. It keeps every relation that it
// has seen, and belongs to one goroutine.
//
// Without a schema it goes by the JSON: whole numbers are 64-bit integers, others floating-point numbers, and what was
// null in all messages so far is of an unknown type. A column that turns out to hold something else changes the relation,
// as a changed table does.
type Decoder struct {
	tables map[string]*table // by qualified name
	last   *table            // almost always the next message's too

	keys, values wrapping

	memory memory // of the values that do not stand in the message as they are
}

var errNoEnvelope = errors.New("the message is no envelope of Debezium's PostgreSQL connector: it has no op, source.table or source.lsn")

// Decode reads a message into m, whose Values are reused and alias value, or memory that the next Decode uses again; ok is
// false for a tombstone, which tells nothing that the delete before it has not told.
//
// The version is the row's LSN, in epoch 0. There is no position: Debezium's sequence does not order transactions as they
// were committed, so that repeats cannot be told from it.
func (d *Decoder) Decode(key, value []byte, m *codec.Message) (ok bool, err error) {
	values, before := m.Values[:0], m.Before[:0]
	*m = codec.Message{}
	if len(value) == 0 {
		return false, nil
	}
	d.memory.b = d.memory.b[:0]
	e := envelope{values: values}
	if err := d.envelope(value, &e); err != nil {
		return false, fmt.Errorf("the message's value: %w", err)
	}
	s := &e.source
	op := operation(e.op)
	if op == 0 || len(s.table) == 0 || !s.hasLSN {
		return false, errNoEnvelope
	}
	m.Op = op
	m.Version = change.NewVersion(0, change.LSN(s.lsn)) //nolint:gosec // G115: the bits are kept
	m.Transaction = uint32(s.transaction)               //nolint:gosec // G115: 32 bits of it are the transaction's
	if m.CommitTime = s.micros; m.CommitTime == 0 {
		m.CommitTime = s.millis * 1000
	}
	m.Values, m.Before = e.values, before
	if err := d.rows(key, &e, m); err != nil {
		return false, fmt.Errorf("%s.%s: %w", s.schema, s.table, err)
	}
	return true, nil
}

// rows reads the rows by what is known of their table; a row that does not fit that says what the table is now.
func (d *Decoder) rows(key []byte, e *envelope, m *codec.Message) error {
	guessed := d.last
	t := d.known(&e.source)
	before := m.Before[:0]
	m.Before = nil
	if m.Op == change.Truncate {
		if t == nil {
			t = d.keep(newTable(&e.source, nil))
		}
		m.Relation, m.Fingerprint, m.Values = t.relation, t.fingerprint, nil
		return nil
	}
	same := false
	if t != nil {
		var err error
		if same, err = d.hasKey(t, key); err != nil {
			return fmt.Errorf("the message's key: %w", err)
		}
		same = same && t.hasSchema(e.schema)
	}
	deleted := m.Op == change.Delete
	row, old := e.after, e.before
	if deleted {
		row, old = e.before, nil
	}
	if !same || deleted || !e.read || t != guessed {
		var err error
		if t, err = d.row(t, same, key, row, e, m); err != nil {
			return err
		}
	}
	m.Relation, m.Fingerprint = t.relation, t.fingerprint
	return d.oldRow(t, old, before, m)
}

// row reads a row once its table is known, and gives the table as it is by this row.
func (d *Decoder) row(t *table, same bool, key, row []byte, e *envelope, m *codec.Message) (_ *table, err error) {
	deleted := m.Op == change.Delete
	if !isObject(row) {
		return nil, errNoRow
	}
	if same {
		m.Values, err = t.row(m.Values[:0], &scanner{b: row}, deleted, &d.memory)
	}
	if !same || errors.Is(err, errOtherShape) {
		if t, err = d.learn(t, &e.source, e.schema, key, row); err != nil {
			return nil, err
		}
		m.Values, err = t.row(m.Values[:0], &scanner{b: row}, deleted, &d.memory)
	}
	return t, err
}

// oldRow reads the row as it was before. One without a schema that is of another shape is of an earlier time.
func (d *Decoder) oldRow(t *table, row []byte, values []change.Value, m *codec.Message) (err error) {
	if !isObject(row) {
		return nil
	}
	m.Before, err = t.row(values, &scanner{b: row}, false, &d.memory)
	switch {
	case errors.Is(err, errOtherShape):
		m.Before = nil
	case err != nil:
		return fmt.Errorf("the old row: %w", err)
	}
	return nil
}

// isObject reports whether a value is one; white space does not stand before it.
func isObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

// operation gives the operation that a message's letter stands for; 0 for none.
func operation(letter byte) change.Op {
	switch letter {
	case 'c':
		return change.Insert
	case 'u':
		return change.Update
	case 'd':
		return change.Delete
	case 'r':
		return change.Snapshot
	case 't':
		return change.Truncate
	default:
		return 0
	}
}
