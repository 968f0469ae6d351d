package debezium

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// table is what is known of a table by its messages.
type table struct {
	relation    *change.Relation
	fingerprint uint64
	schema      []byte // of the last message; nil without
	columns     []column
}

// column is how values of a column are read.
type column struct {
	form  form
	scale int
	typed bool // false while all values were null
}

// table finds the table of a message, as it is by this one.
func (d *Decoder) table(e *envelope, key []byte, row json.RawMessage) (*table, error) {
	name := e.Source.Schema + "." + e.Source.Table
	known := d.tables[name]
	if !isObject(row) { // a truncate
		if known == nil {
			known = &table{relation: &change.Relation{Schema: e.Source.Schema, Table: e.Source.Table}}
			known.fingerprint = codec.Fingerprint(codec.AppendRelation(nil, known.relation))
		}
		return known, nil
	}
	keys, err := keyNames(key)
	if err != nil {
		return nil, err
	}
	if known != nil && e.Schema != nil && bytes.Equal(known.schema, e.Schema) && known.hasKeys(keys) {
		return known, nil
	}
	next := &table{schema: e.Schema, relation: &change.Relation{Schema: e.Source.Schema, Table: e.Source.Table}}
	if e.Schema != nil {
		err = next.fromSchema(keys)
	} else {
		err = next.fromRow(row, keys, known)
	}
	if err != nil {
		return nil, err
	}
	if known != nil && slices.Equal(known.relation.Columns, next.relation.Columns) {
		next.relation, next.fingerprint = known.relation, known.fingerprint
	} else {
		next.fingerprint = codec.Fingerprint(codec.AppendRelation(nil, next.relation))
	}
	if d.tables == nil {
		d.tables = map[string]*table{}
	}
	d.tables[name] = next
	return next, nil
}

// keyNames gives the columns of a message's key.
func keyNames(key []byte) (names []string, err error) {
	if len(key) == 0 {
		return nil, nil
	}
	var k struct{ Schema, Payload json.RawMessage }
	if err := json.Unmarshal(key, &k); err != nil {
		return nil, fmt.Errorf("the message's key: %w", err)
	}
	if isObject(k.Schema) && isObject(k.Payload) {
		key = k.Payload
	}
	err = eachField(key, func(name string, _ []byte) error {
		names = append(names, name)
		return nil
	})
	return names, err
}

func (t *table) hasKeys(names []string) bool {
	n := 0
	for i := range t.relation.Columns {
		if c := &t.relation.Columns[i]; c.Key {
			if !slices.Contains(names, c.Name) {
				return false
			}
			n++
		}
	}
	return n == len(names)
}

// fromSchema reads the columns that the schema describes.
func (t *table) fromSchema(keys []string) error {
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
			c.Key = slices.Contains(keys, c.Name)
			t.relation.Columns = append(t.relation.Columns, c)
			t.columns = append(t.columns, how)
		}
		return nil
	}
	return fmt.Errorf("the message's schema %s describes no after", s.Name)
}

// fromRow infers columns from a row and what is known of those that are null in it.
func (t *table) fromRow(row []byte, keys []string, known *table) error {
	return eachField(row, func(name string, value []byte) error {
		how, kind := infer(value)
		if known != nil {
			if i := known.relation.Column(name); i >= 0 && known.columns[i].typed {
				how, kind = widen(known.columns[i], known.relation.Columns[i].Type, how, kind)
			}
		}
		t.relation.Columns = append(t.relation.Columns, change.Column{
			Name: name, Type: kind, SourceType: sourceTypes[kind], Key: slices.Contains(keys, name),
		})
		t.columns = append(t.columns, how)
		return nil
	})
}

// infer tells the type of a value by its JSON.
func infer(value []byte) (column, change.Type) {
	switch value[0] {
	case 'n':
		return column{form: formText}, change.TypeText
	case 't', 'f':
		return column{form: formBool, typed: true}, change.TypeBool
	case '"':
		return column{form: formText, typed: true}, change.TypeText
	case '{', '[':
		return column{form: formRaw, typed: true}, change.TypeJSON
	}
	if _, err := strconv.ParseInt(string(value), 10, 64); err == nil {
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
