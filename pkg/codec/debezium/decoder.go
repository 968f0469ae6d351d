package debezium

import (
	"encoding/json"
	"errors"
	"fmt"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// Decoder reads Debezium's messages, with a schema or without, ours and Debezium's own. It keeps every relation that it
// has seen, and belongs to one goroutine.
//
// Without a schema it goes by the JSON: whole numbers are 64-bit integers, others floating-point numbers, and what was
// null in all messages so far is text. A column that turns out to hold something else changes the relation, as a changed
// table does.
type Decoder struct {
	tables map[string]*table // by qualified name
}

// envelope is a message's value, or what is around one with a schema.
type envelope struct {
	Schema, Payload json.RawMessage
	Before, After   json.RawMessage
	Source          struct {
		Connector string
		Schema    string
		Table     string
		TsMs      int64 `json:"ts_ms"`
		TsUs      int64 `json:"ts_us"`
		TxID      int64 `json:"txId"`
		LSN       *int64
	}
	Op string
}

var errNoEnvelope = errors.New("the message is no envelope of Debezium's PostgreSQL connector: it has no op, source.table or source.lsn")

// Decode reads a message into m; ok is false for a tombstone, which tells nothing that the delete before it has not told.
//
// The version is the row's LSN, in epoch 0. There is no position: Debezium's sequence does not order transactions as they
// were committed, so that repeats cannot be told from it.
func (d *Decoder) Decode(key, value []byte, m *codec.Message) (ok bool, err error) {
	values, before := m.Values[:0], m.Before[:0]
	*m = codec.Message{}
	if len(value) == 0 {
		return false, nil
	}
	var e envelope
	if err := json.Unmarshal(value, &e); err != nil {
		return false, fmt.Errorf("the message's value: %w", err)
	}
	if e.Schema != nil && e.Payload != nil {
		schema := e.Schema
		if err := json.Unmarshal(e.Payload, &e); err != nil {
			return false, fmt.Errorf("the message's payload: %w", err)
		}
		e.Schema = schema
	} else {
		e.Schema = nil
	}
	op, known := operations[e.Op]
	if !known || e.Source.Table == "" || e.Source.LSN == nil {
		return false, errNoEnvelope
	}
	row, old := e.After, e.Before
	if op == change.Delete {
		row, old = e.Before, nil
	}
	t, err := d.table(&e, key, row)
	if err != nil {
		return false, fmt.Errorf("%s.%s: %w", e.Source.Schema, e.Source.Table, err)
	}
	m.Relation, m.Fingerprint, m.Op = t.relation, t.fingerprint, op
	m.Version = change.NewVersion(0, change.LSN(*e.Source.LSN)) //nolint:gosec // G115: the bits are kept
	m.Transaction = uint32(e.Source.TxID)                       //nolint:gosec // G115: 32 bits of it are the transaction's
	if m.CommitTime = e.Source.TsUs; m.CommitTime == 0 {
		m.CommitTime = e.Source.TsMs * 1000
	}
	if op == change.Truncate {
		return true, nil
	}
	if m.Values, err = t.row(values, row, op == change.Delete); err != nil {
		return false, fmt.Errorf("%s: %w", t.relation.Name(), err)
	}
	if isObject(old) {
		if m.Before, err = t.row(before, old, false); err != nil {
			return false, fmt.Errorf("%s: the old row: %w", t.relation.Name(), err)
		}
	}
	return true, nil
}

var operations = map[string]change.Op{
	"c": change.Insert, "u": change.Update, "d": change.Delete, "r": change.Snapshot, "t": change.Truncate,
}
