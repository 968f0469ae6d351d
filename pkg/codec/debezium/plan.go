package debezium

import "eventsync/pkg/change"

// version is the one whose messages these are.
const version = "3.7.0.Final"

// plan is what does not change from one message of a relation to the next, ready to be copied.
type plan struct {
	relation *change.Relation
	fields   []field
	key      []field // those of the replica identity

	keyHead, valueHead, tail []byte // around what a message says: its schema; nothing without schemas
	source                   []byte // up to the time
	streamed, read           []byte // from there to the sequence
	table                    []byte // from the time to the transaction's number
}

// field is a column.
type field struct {
	index int
	name  []byte // with what stands before and behind it: ,"id":
	form  form
	scale int  // of decimals; digits of a fraction of a second
	items form // of arrays
	days  calendar
}

func (e *Encoder) plan(r *change.Relation) *plan {
	if e.last != nil && e.last.relation == r {
		return e.last
	}
	p, ok := e.plans[r]
	if !ok {
		p = e.options.newPlan(r)
		e.plans[r] = p
	}
	e.last = p
	return p
}

func (o *Options) newPlan(r *change.Relation) *plan {
	p := &plan{relation: r}
	for i := range r.Columns {
		f := newField(i, &r.Columns[i])
		f.name = appendName(f.name, len(p.fields), r.Columns[i].Name)
		p.fields = append(p.fields, f)
		if r.Columns[i].Key {
			f.name = appendName(nil, len(p.key), r.Columns[i].Name)
			p.key = append(p.key, f)
		}
	}
	p.source = appendString([]byte(`,"source":{"version":"`+version+`","connector":"postgresql","name":`), o.Name)
	p.source = append(p.source, `,"ts_ms":`...)
	database := append(appendString(nil, o.Database), `,"sequence":"[`...)
	p.streamed = append([]byte(`,"snapshot":"false","db":`), database...)
	p.read = append([]byte(`,"snapshot":"true","db":`), database...)
	p.table = appendString([]byte(`,"schema":`), r.Schema)
	p.table = appendString(append(p.table, `,"table":`...), r.Table)
	p.table = append(p.table, `,"txId":`...)
	if o.Schemas {
		p.keyHead = schemaHead(p.keySchema(o))
		p.valueHead = schemaHead(p.valueSchema(o))
		p.tail = []byte{'}'}
	}
	return p
}

func appendName(b []byte, before int, name string) []byte {
	separator := byte(',')
	if before == 0 {
		separator = '{'
	}
	return append(appendString(append(b, separator), name), ':')
}

func (p *plan) snapshot(c *change.Change) []byte {
	if c.Op == change.Snapshot {
		return p.read
	}
	return p.streamed
}

// appendRow appends a row's fields, or null for no row. What the source left out is null in an old row, of which the key
// may be all that is known, and a placeholder in a new one.
func (p *plan) appendRow(b []byte, fields []field, values []change.Value, placeholders bool) []byte {
	if len(values) == 0 {
		return append(b, "null"...)
	}
	if len(fields) == 0 {
		return append(b, "{}"...)
	}
	for i := range fields {
		f := &fields[i]
		b = append(b, f.name...)
		v := &values[f.index]
		switch v.Kind {
		case change.Null:
			b = append(b, "null"...)
		case change.Unavailable:
			b = f.appendUnavailable(b, placeholders)
		default:
			b = f.appendValue(b, v)
		}
	}
	return append(b, '}')
}

// The placeholder of a value that the source left out, as text and as bytes.
const (
	unavailable      = `"__debezium_unavailable_value"`
	unavailableBytes = `"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="`
)

func (f *field) appendUnavailable(b []byte, placeholder bool) []byte {
	switch {
	case !placeholder:
		return append(b, "null"...)
	case f.form == formText:
		return append(b, unavailable...)
	case f.form == formBytes:
		return append(b, unavailableBytes...)
	case f.form == formArray && f.items == formText:
		return append(b, "["+unavailable+"]"...)
	default:
		return append(b, "null"...)
	}
}
