package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills a Config from the nodes of a YAML document, and collects what is wrong instead of stopping at it.
type decoder struct {
	*origin

	environment func(string) (string, bool)
	problems    []*Problem
}

func (d *decoder) refuse(at place, key, what, expected string) {
	d.problems = append(d.problems, &Problem{
		File: d.file, Line: at.line, Column: at.column, Key: key, What: what, Expected: expected,
	})
}

// refused says whether something in the section is already known to be wrong.
func (d *decoder) refused(section string) bool {
	for _, problem := range d.problems {
		if sectionOf(problem.Key) == section {
			return true
		}
	}
	return false
}

// section fills a struct from a mapping; a nil node is one without keys.
func (d *decoder) section(key string, node ast.Node, into reflect.Value) {
	fields := d.fieldsOf(into.Type())
	entries, ok := entriesOf(node)
	if !ok {
		d.refuse(placeOf(node), key, "got "+kindOf(node), "a section with the keys "+namesOf(fields))
		return
	}
	seen := map[string]place{}
	for _, entry := range entries {
		name, at := keyName(entry.Key), placeOf(entry.Key)
		path := within(key, name)
		field, known := fields.named(name)
		first, twice := seen[name]
		switch {
		case entry.Key.IsMergeKey():
			d.refuse(at, key, "got "+writtenOut, "the values written out")
		case !known && !printable.MatchString(name):
			d.refuse(at, key, "unknown key", "one of "+namesOf(fields))
		case !known:
			d.refuse(at, path, "unknown key", suggestion(name, fields))
		case twice:
			d.refuse(at, path, fmt.Sprintf("the key is already set in line %d", first.line), "it once")
		default:
			seen[name] = at
			d.places[path] = at
			d.value(path, field, entry.Value, into.Field(field.index))
		}
	}
	for _, field := range fields {
		if _, ok := seen[field.name]; !ok {
			d.absent(within(key, field.name), field, into.Field(field.index))
		}
	}
}

func (d *decoder) absent(path string, field field, into reflect.Value) {
	switch {
	case into.Kind() == reflect.Struct:
		d.section(path, nil, into)
	case field.rule.Required:
		d.refuse(d.near(path), path, "missing", expectation(field, into.Type()))
	}
}

func (d *decoder) value(path string, field field, node ast.Node, into reflect.Value) {
	switch into.Kind() {
	case reflect.Struct:
		d.section(path, node, into)
	case reflect.Slice:
		d.list(path, field, node, into)
	default:
		d.scalar(path, field, node, into)
	}
}

func (d *decoder) list(path string, field field, node ast.Node, into reflect.Value) {
	sequence, ok := node.(*ast.SequenceNode)
	switch {
	case !ok && !isNull(node):
		d.refuse(placeOf(node), path, "got "+kindOf(node), expectation(field, into.Type()))
		return
	case !ok || len(sequence.Values) == 0:
		if field.rule.Required {
			d.refuse(d.places[path], path, "the list is empty", expectation(field, into.Type()))
		}
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(sequence.Values), len(sequence.Values)))
	for i, element := range sequence.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.places[at] = placeOf(element)
		if isNull(element) && i < len(sequence.Entries) {
			d.places[at] = placeOf(sequence.Entries[i])
		}
		d.value(at, field, element, into.Index(i))
	}
}

// printable is what a key may look like for an error to show it: a secret in the wrong place is no key.
var printable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,40}$`)

func within(key, name string) string { return strings.TrimPrefix(key+"."+name, ".") }

func sectionOf(key string) string { return key[:max(0, strings.LastIndexByte(key, '.'))] }
