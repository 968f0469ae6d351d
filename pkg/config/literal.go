package config

import (
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// literal is a scalar after expansion: what the file writes, and how.
type literal struct {
	text string
	kind literalKind
}

type literalKind int

const (
	number literalKind = iota
	boolean
	plain    // text without quotes
	inQuotes // text in quotes, or a block of it
	expanded // a plain text with variables, typed by what the key needs
)

// scalar fills a value that is neither a section nor a list.
func (d *decoder) scalar(path string, field field, node ast.Node, into reflect.Value) {
	expected := expectation(field, into.Type())
	if isNull(node) {
		d.refuse(d.places[path], path, "has no value", expected)
		return
	}
	at := placeOf(node)
	d.places[path] = at
	value, ok := literalOf(node)
	if !ok {
		d.refuse(at, path, "got "+kindOf(node), expected)
		return
	}
	if value.kind == plain || value.kind == inQuotes {
		text, referred, err := expand(value.text, d.environment)
		if err != nil {
			d.refuse(at, path, err.what, err.expected)
			return
		}
		value.text = text
		if referred && value.kind == plain {
			value.kind = expanded
		}
	}
	if into.Kind() == reflect.String && (value.kind == number || value.kind == boolean) {
		expected += ", in quotes"
	}
	if !assign(value, field.rule, into) {
		d.refuse(at, path, value.describe(into.Type() == reflect.TypeFor[Secret]()), expected)
	}
}

func literalOf(node ast.Node) (literal, bool) {
	switch node := node.(type) {
	case *ast.IntegerNode:
		return literal{node.GetToken().Value, number}, true
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return literal{node.GetToken().Value, number}, true
	case *ast.BoolNode:
		return literal{node.GetToken().Value, boolean}, true
	case *ast.LiteralNode:
		return literal{node.Value.Value, inQuotes}, true
	case *ast.StringNode:
		if style := node.GetToken().Type; style == token.SingleQuoteType || style == token.DoubleQuoteType {
			return literal{node.Value, inQuotes}, true
		}
		return literal{node.Value, plain}, true
	}
	return literal{}, false
}

// describe is what an error says was there; never the value of a secret.
func (l literal) describe(secret bool) string {
	switch {
	case l.text == "":
		return "is empty"
	case secret:
		return "got a value that is no text"
	case l.kind == number:
		return "got the number " + l.text
	case l.kind == boolean:
		return "got the boolean " + l.text
	}
	const enough = 80
	if len(l.text) > enough {
		return fmt.Sprintf("got the text %q...", l.text[:enough])
	}
	return fmt.Sprintf("got the text %q", l.text)
}
