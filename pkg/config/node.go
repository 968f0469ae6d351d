package config

import "github.com/goccy/go-yaml/ast"

// writtenOut names what YAML can do and a configuration should not: a reader, and an error, would have to look in two
// places for one value.
const writtenOut = "an anchor, an alias, a merge key or a tag"

// kindOf names a node's kind without its content, which might be a secret.
func kindOf(node ast.Node) string {
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a section"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "a boolean"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return writtenOut
	}
	return "nothing"
}

func isNull(node ast.Node) bool {
	_, null := node.(*ast.NullNode)
	return null || node == nil
}

// entriesOf are the pairs of a mapping. A key whose section is all comments has none.
func entriesOf(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch node := node.(type) {
	case *ast.MappingNode:
		return node.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{node}, true
	}
	return nil, isNull(node)
}

func keyName(key ast.MapKeyNode) string {
	if text, ok := key.(*ast.StringNode); ok {
		return text.Value
	}
	if token := key.GetToken(); token != nil {
		return token.Value
	}
	return ""
}

// placeOf is where a node begins; that of a block mapping is its first key.
func placeOf(node ast.Node) place {
	switch mapping := node.(type) {
	case *ast.MappingNode:
		if !mapping.IsFlowStyle && len(mapping.Values) > 0 {
			return placeOf(mapping.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return placeOf(mapping.Key)
	}
	token := node.GetToken()
	if token == nil || token.Position == nil {
		return place{line: 1, column: 1}
	}
	return place{line: token.Position.Line, column: token.Position.Column}
}
