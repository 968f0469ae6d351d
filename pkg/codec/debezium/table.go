package debezium

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// table is what is known of a table by its messages.
type table struct {
	relation    *change.Relation
	fingerprint uint64
	schema      []byte // of the last message; nil without
	columns     []column
	keys        []string // the columns of the last message's key, in its order
}

// column is how values of a column are read.
type column struct {
	form  form
	scale int
	typed bool // false while all values were null
}

func newTable(s *sourceBlock, schema []byte) *table {
	return &table{schema: schema, relation: &change.Relation{Schema: string(s.schema), Table: string(s.table)}}
}

// known finds what is known of a message's table, or nil.
func (d *Decoder) known(s *sourceBlock) *table {
	if t := d.last; t != nil && t.relation.Table == string(s.table) && t.relation.Schema == string(s.schema) {
		return t
	}
	d.last = d.tables[string(s.schema)+"."+string(s.table)]
	return d.last
}

// keep makes the table what is known of it.
func (d *Decoder) keep(t *table) *table {
	if d.tables == nil {
		d.tables = map[string]*table{}
	}
	t.fingerprint = codec.Fingerprint(codec.AppendRelation(nil, t.relation))
	d.tables[t.relation.Name()] = t
	d.last = t
	return t
}

// learn makes a table of a message, as it is by this one.
func (d *Decoder) learn(known *table, s *sourceBlock, schema, key, row []byte) (*table, error) {
	next := newTable(s, schema)
	err := d.eachKey(key, func(name []byte) bool {
		next.keys = append(next.keys, string(name))
		return true
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("the message's key: %w", err)
	case schema != nil:
		err = next.fromSchema()
	default:
		err = next.fromRow(row, known)
	}
	if err != nil {
		return nil, err
	}
	if known != nil && slices.Equal(known.relation.Columns, next.relation.Columns) {
		next.relation = known.relation
	}
	return d.keep(next), nil
}

// eachKey calls f with each column of a message's key, until that is false.
func (d *Decoder) eachKey(key []byte, f func(name []byte) bool) error {
	if len(key) == 0 {
		return nil
	}
	s, _, err := d.keys.open(key)
	if err == nil {
		err = s.open()
	}
	for first := true; err == nil; first = false {
		var name []byte
		if name, err = s.field(first); err != nil || name == nil || !f(name) {
			return err
		}
		_, err = s.value()
	}
	return err
}

// hasKey reports whether the table's key is that of the message.
func (d *Decoder) hasKey(t *table, key []byte) (same bool, err error) {
	n := 0
	same = true
	err = d.eachKey(key, func(name []byte) bool {
		same = n < len(t.keys) && t.keys[n] == string(name)
		n++
		return same
	})
	return same && n == len(t.keys), err
}

func (t *table) hasSchema(schema []byte) bool {
	if len(t.schema) != len(schema) {
		return false
	}
	return len(schema) == 0 || &t.schema[0] == &schema[0] || bytes.Equal(t.schema, schema)
}

// fromSchema reads the columns that the schema describes.
func (t *table) fromSchema() error {
	var s schema
	if err := json.Unmarshal(t.schema, &s); err != nil {
		return fmt.Errorf("the message's schema: %w", err)
	}
	for _, part := range s.Fields {
		if part.Field != "after" {
			continue
		}
		for _, f := range part.Fields {
			c, how := f.column()
			c.Key = slices.Contains(t.keys, c.Name)
			t.relation.Columns = append(t.relation.Columns, c)
			t.columns = append(t.columns, how)
		}
		return nil
	}
	return fmt.Errorf("the message's schema %s describes no after", s.Name)
}

// fromRow infers columns from a row and what is known of those that are null in it.
func (t *table) fromRow(row []byte, known *table) error {
	s := scanner{b: row}
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		name, err := s.field(first)
		if err != nil || name == nil {
			return err
		}
		value, err := s.value()
		if err != nil {
			return err
		}
		c := change.Column{Name: string(name)}
		how, kind := infer(value)
		if known != nil && known.schema == nil {
			if i := known.relation.Column(c.Name); i >= 0 && known.columns[i].typed {
				how, kind = widen(known.columns[i], known.relation.Columns[i].Type, how, kind)
			}
		}
		c.Type, c.SourceType, c.Key = kind, change.Inferred, slices.Contains(t.keys, c.Name)
		t.relation.Columns = append(t.relation.Columns, c)
		t.columns = append(t.columns, how)
	}
}

// infer tells the type of a value by its JSON.
func infer(value []byte) (column, change.Type) {
	switch value[0] {
	case 'n':
		return column{form: formText}, change.TypeUnknown
	case 't', 'f':
		return column{form: formBool, typed: true}, change.TypeBool
	case '"':
		return column{form: formText, typed: true}, change.TypeText
	case '{', '[':
		return column{form: formRaw, typed: true}, change.TypeJSON
	}
	if _, err := parseInteger(value); err == nil {
		return column{form: formInteger, typed: true}, change.TypeInt64
	}
	return column{form: formFloat64, typed: true}, change.TypeFloat64
}

// widen gives the type that holds what a column held, and what it holds now.
func widen(was column, wasType change.Type, is column, isType change.Type) (column, change.Type) {
	number := func(f form) bool { return f == formInteger || f == formFloat64 }
	switch {
	case !is.typed, was.form == is.form, was.form == formFloat64 && is.form == formInteger:
		return was, wasType
	case number(was.form) && number(is.form):
		return is, isType
	default:
		return column{form: formText, typed: true}, change.TypeText
	}
}
