package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"eventsync/pkg/config"
	"eventsync/pkg/config/internal/rule"
)

// schema is a part of a JSON schema.
type schema map[string]any

// variable is a value that comes from the environment, which no other rule can judge.
const variable = `\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^{}]*)?\}`

// generate returns the schema of config.Config, whose source is in the directory.
func generate(directory string) ([]byte, error) {
	docs, err := readComments(directory)
	if err != nil {
		return nil, err
	}
	root, err := section(docs, reflect.ValueOf(config.Default()))
	if err != nil {
		return nil, err
	}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "eventsync configuration"
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(root)
	return text.Bytes(), err
}

// section is the schema of a struct, whose value holds the defaults.
func section(docs comments, defaults reflect.Value) (schema, error) {
	properties, required := schema{}, []string{}
	structure := defaults.Type()
	for i := range structure.NumField() {
		field := structure.Field(i)
		name, ok := field.Tag.Lookup("yaml")
		if !ok {
			continue
		}
		constraint, err := rule.Of(field)
		if err != nil {
			return nil, err
		}
		property, err := value(docs, constraint, defaults.Field(i))
		if err != nil {
			return nil, err
		}
		if doc := docs[structure.Name()+"."+field.Name]; doc != "" {
			property["description"] = doc
		}
		if constraint.Required {
			required = append(required, name)
		}
		properties[name] = property
	}
	result := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if doc := docs[structure.Name()]; doc != "" {
		result["description"] = doc
	}
	if len(required) > 0 {
		result["required"] = required
	}
	return result, nil
}

func value(docs comments, constraint rule.Rule, defaults reflect.Value) (schema, error) {
	switch {
	case defaults.Kind() == reflect.Struct:
		return section(docs, defaults)
	case defaults.Kind() == reflect.Slice:
		items, err := value(docs, constraint, reflect.Zero(defaults.Type().Elem()))
		list := schema{"type": "array", "items": items}
		if constraint.Required {
			list["minItems"] = 1
		}
		return list, err
	}
	scalar := scalarSchema(constraint, defaults.Type())
	if !defaults.IsZero() {
		scalar["default"] = defaults.Interface()
		if text, ok := defaults.Interface().(fmt.Stringer); ok {
			scalar["default"] = text.String()
		}
	}
	return scalar, nil
}

func scalarSchema(constraint rule.Rule, of reflect.Type) schema {
	var exact schema
	switch {
	case of == reflect.TypeFor[bool]():
		exact = schema{"type": "boolean"}
	case of == reflect.TypeFor[int]():
		exact = schema{"type": "integer", "minimum": constraint.Min, "maximum": constraint.Max}
	case of == reflect.TypeFor[time.Duration]():
		exact = schema{"type": "string", "pattern": `^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$`, "title": "from " + constraint.MinText + " to " + constraint.MaxText}
	case of == reflect.TypeFor[config.Size]():
		exact = schema{"type": []string{"string", "integer"}, "pattern": `^\d+ ?([KMG]i?)?B?$`, "title": "from " + constraint.MinText + " to " + constraint.MaxText}
	case len(constraint.OneOf) > 0:
		exact = schema{"enum": constraint.OneOf}
	case constraint.Form != nil:
		exact = schema{"type": "string", "pattern": constraint.Form.Pattern, "title": constraint.Form.Expected}
	default:
		return schema{"type": "string"}
	}
	return schema{"anyOf": []schema{exact, {"type": "string", "pattern": variable}}}
}
