package native

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrUnsupported is wrapped by the errors about types and serializations that the walker does not know.
var ErrUnsupported = errors.New("not supported by the local gateway")

// Type is a column type, reduced to the shape of its encoding.
type Type struct {
	shape shape
	size  int     // of a fixed value, in bytes
	args  []*Type // what it is made of
}

type shape uint8

const (
	fixed          shape = iota // size bytes a row
	text                        // a length and that many bytes a row
	nullable                    // a byte a row, then the values
	array                       // an end offset a row, then the elements
	tuple                       // one column after the other
	lowCardinality              // a dictionary, then an index a row
	jsonText                    // a version, then as text
)

const (
	maxDepth     = 64      // of types in types; the engine's own parser allows few more
	maxFixedSize = 1 << 24 // of a FixedString; the engine's own limit
)

// Parse reads a type's name, such as "Map(LowCardinality(String), Array(Nullable(Decimal(18, 4))))".
func Parse(name string) (*Type, error) { return parse(name, 0) }

func parse(name string, depth int) (*Type, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("type nested more than %d deep: %w", maxDepth, ErrUnsupported)
	}
	family, args, err := cut(strings.TrimSpace(name))
	if err != nil {
		return nil, err
	}
	if size, ok := sizes[family]; ok {
		return &Type{shape: fixed, size: size}, nil
	}
	if same, ok := aliases[family]; ok {
		return parse(same, depth+1)
	}
	switch family {
	case "String":
		return &Type{shape: text}, nil
	case "JSON", "Object":
		return &Type{shape: jsonText}, nil
	case "FixedString":
		return parseFixedString(name, args)
	case "Decimal":
		return parseDecimal(name, args)
	case "Nullable":
		return parseWrapper(nullable, name, args, depth)
	case "Array":
		return parseWrapper(array, name, args, depth)
	case "LowCardinality":
		return parseWrapper(lowCardinality, name, args, depth)
	case "SimpleAggregateFunction":
		if len(args) == 2 {
			return parse(args[1], depth+1)
		}
	case "Tuple":
		return parseTuple(args, depth)
	case "Nested", "Map":
		if len(args) > 0 {
			element, err := parseTuple(args, depth)
			return &Type{shape: array, args: []*Type{element}}, err
		}
	}
	return nil, fmt.Errorf("type %s is %w", name, ErrUnsupported)
}

func parseWrapper(s shape, name string, args []string, depth int) (*Type, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("type %s takes one argument: %w", name, ErrUnsupported)
	}
	inner, err := parse(args[0], depth+1)
	return &Type{shape: s, args: []*Type{inner}}, err
}

func parseTuple(elements []string, depth int) (*Type, error) {
	t := &Type{shape: tuple}
	for _, e := range elements {
		inner, err := parse(withoutName(e), depth+1)
		if err != nil {
			return nil, err
		}
		t.args = append(t.args, inner)
	}
	return t, nil
}

func parseFixedString(name string, args []string) (*Type, error) {
	if len(args) == 1 {
		if n, err := strconv.Atoi(args[0]); err == nil && n > 0 && n <= maxFixedSize {
			return &Type{shape: fixed, size: n}, nil
		}
	}
	return nil, fmt.Errorf("type %s is %w", name, ErrUnsupported)
}

// parseDecimal knows Decimal(precision, scale) and Decimal(precision); the precision decides on the width.
func parseDecimal(name string, args []string) (*Type, error) {
	if len(args) == 1 || len(args) == 2 {
		if precision, err := strconv.Atoi(args[0]); err == nil {
			for _, width := range []struct{ digits, bytes int }{{9, 4}, {18, 8}, {38, 16}, {76, 32}} {
				if precision <= width.digits {
					return &Type{shape: fixed, size: width.bytes}, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("type %s is %w", name, ErrUnsupported)
}
