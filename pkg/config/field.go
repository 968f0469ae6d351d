package config

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"eventsync/pkg/config/internal/rule"
)

// field is one key of a section.
type field struct {
	name  string
	index int
	rule  rule.Rule
}

type fields []field

func (f fields) named(name string) (field, bool) {
	i := slices.IndexFunc(f, func(field field) bool { return field.name == name })
	if i < 0 {
		return field{}, false
	}
	return f[i], true
}

// fieldsOf are the keys that the struct's tags declare, in its order. A tag that cannot be read is a defect of this
// package, and is reported like one of the file.
func (d *decoder) fieldsOf(section reflect.Type) fields {
	var all fields
	for i := range section.NumField() {
		name, ok := section.Field(i).Tag.Lookup("yaml")
		if !ok {
			continue
		}
		constraint, err := rule.Of(section.Field(i))
		if err != nil {
			d.refuse(place{}, name, err.Error(), "a tag that can be read")
		}
		all = append(all, field{name: name, index: i, rule: constraint})
	}
	return all
}

func namesOf(all fields) string {
	names := make([]string, len(all))
	for i, field := range all {
		names[i] = field.name
	}
	return strings.Join(names, ", ")
}

// expectation says what a value of the type has to be.
func expectation(field field, of reflect.Type) string {
	switch {
	case of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Struct:
		return "a list of sections, at least one"
	case of.Kind() == reflect.Slice:
		return "a list of " + expectation(field, of.Elem())
	case len(field.rule.OneOf) > 0:
		return "one of " + strings.Join(field.rule.OneOf, ", ")
	case field.rule.Form != nil:
		return field.rule.Form.Expected
	}
	bounds := ""
	if field.rule.Bounded {
		bounds = " from " + field.rule.MinText + " to " + field.rule.MaxText
	}
	switch of {
	case reflect.TypeFor[time.Duration]():
		return "a duration" + bounds + ", such as 250ms, 10s or 1m30s"
	case reflect.TypeFor[Size]():
		return "a size" + bounds + ", such as 64MiB"
	case reflect.TypeFor[int]():
		return "a whole number" + bounds
	case reflect.TypeFor[bool]():
		return "true or false"
	}
	return "text"
}
