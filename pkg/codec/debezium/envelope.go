package debezium

import (
	"bytes"
	"strconv"

	"eventsync/pkg/change"
)

// wrapping is what stands around a payload where there is a schema. It remembers the last one, which nearly all messages
// begin with, so that they are not read but compared.
type wrapping struct {
	head   []byte // up to the payload
	schema []byte // in head
}

// open gives a scanner that stands at the payload, and the schema that is around it, or nil.
func (w *wrapping) open(b []byte) (s scanner, schema []byte, err error) {
	s = scanner{b: b}
	if len(w.head) > 0 && bytes.HasPrefix(b, w.head) {
		s.at = len(w.head)
		return s, w.schema, nil
	}
	if err := s.open(); err != nil {
		return s, nil, err
	}
	payload := 0
	for first := true; ; first = false {
		name, err := s.field(first)
		if err != nil {
			return s, nil, err
		}
		isSchema, isPayload := string(name) == "schema", string(name) == "payload"
		if name == nil || first && !isSchema && !isPayload {
			break
		}
		from := s.at
		raw, err := s.value()
		switch {
		case err != nil:
			return s, nil, err
		case isPayload && raw[0] == '{':
			payload = from
		case isSchema && raw[0] == '{':
			schema = raw
		}
		if schema != nil && payload == from {
			w.head = bytes.Clone(b[:from]) // never written again, so that a schema is known by where it stands
			at := bytes.Index(w.head, schema)
			w.schema = w.head[at : at+len(schema)]
			schema = w.schema
		}
	}
	if payload == 0 {
		return scanner{b: b}, nil, nil
	}
	s.at = payload
	return s, schema, nil
}

// envelope is what a message tells, the rows where they stand.
type envelope struct {
	schema        []byte
	before, after []byte
	source        sourceBlock
	op            byte
	// read says that values holds the new row, as the table before has it.
	read   bool
	values []change.Value
}

// envelope reads a message. A new row, which stands before what tells its table, is read as one of the last message's
// table, which it nearly always is; what is wrong with it then shows once the table is known.
func (d *Decoder) envelope(b []byte, e *envelope) (err error) {
	var s scanner
	if s, e.schema, err = d.values.open(b); err != nil {
		return err
	}
	wrapped := s.at > 0
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		name, err := s.field(first)
		if err != nil {
			return err
		}
		switch string(name) {
		case "before":
			e.before, err = s.value()
		case "after":
			err = d.after(&s, e)
		case "source":
			err = e.source.read(&s)
		case "op":
			var raw []byte
			if raw, err = s.value(); len(raw) == len(`"c"`) {
				e.op = raw[1]
			}
		default:
			if name == nil {
				if wrapped { // what is behind the payload was read when the schema was first seen
					return nil
				}
				return s.end()
			}
			_, err = s.value()
		}
		if err != nil {
			return err
		}
	}
}

func (d *Decoder) after(s *scanner, e *envelope) (err error) {
	from := s.at
	if t := d.last; t != nil && s.peek() == '{' && t.hasSchema(e.schema) {
		if e.values, err = t.row(e.values[:0], s, false, &d.memory); err == nil {
			e.read, e.after = true, s.b[from:s.at]
			return nil
		}
		s.at = from
	}
	e.read = false
	e.after, err = s.value()
	return err
}

// sourceBlock is what a message's source block tells.
type sourceBlock struct {
	schema, table  []byte
	millis, micros int64 // when the transaction was committed
	transaction    int64
	lsn            int64
	hasLSN         bool
}

func (o *sourceBlock) read(s *scanner) error {
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		name, err := s.field(first)
		if err != nil || name == nil {
			return err
		}
		raw, err := s.value()
		if err != nil {
			return err
		}
		switch string(name) {
		case "schema":
			o.schema, err = readName(raw)
		case "table":
			o.table, err = readName(raw)
		case "ts_ms":
			o.millis, _, err = optionalInteger(raw)
		case "ts_us":
			o.micros, _, err = optionalInteger(raw)
		case "txId":
			o.transaction, _, err = optionalInteger(raw)
		case "lsn":
			o.lsn, o.hasLSN, err = optionalInteger(raw)
		}
		if err != nil {
			return err
		}
	}
}

// readName reads a name, or null.
func readName(raw []byte) ([]byte, error) {
	if len(raw) < 2 || raw[0] != '"' {
		return nil, nil
	}
	raw = raw[1 : len(raw)-1]
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw, nil
	}
	return unescape(nil, raw)
}

func optionalInteger(raw []byte) (n int64, ok bool, err error) {
	if string(raw) == "null" {
		return 0, false, nil
	}
	n, err = parseInteger(raw)
	return n, err == nil, err
}

// parseInteger reads a whole number. (strconv.ParseInt takes twice as long.)
func parseInteger(raw []byte) (n int64, err error) {
	digits := raw
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > shortDigits {
		return strconv.ParseInt(string(raw), 10, 64)
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return strconv.ParseInt(string(raw), 10, 64)
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(raw) {
		n = -n
	}
	return n, nil
}
