package pgvalue

// Shape is how the values of a type that is not built in are sent, by the name of the server's function that does so.
type Shape string

// The shapes that are told apart.
const (
	ShapeArray      Shape = "array_send"
	ShapeRange      Shape = "range_send"
	ShapeMultirange Shape = "multirange_send"
	ShapeText       Shape = "textsend" // citext's too
	ShapeHstore     Shape = "hstore_send"
)

// parts says what the values of a type consist of.
type parts struct {
	of        Type
	delimiter byte // between an array's elements
}

// Array is the type of arrays of an element type.
func Array(element Type, delimiter byte) Type { return composed(codeArray, parts{element, delimiter}) }

// Range is the type of ranges over a type.
func Range(of Type) Type { return composed(codeRange, parts{of: of}) }

// Multirange is the type of sets of ranges.
func Multirange(r Type) Type { return composed(codeMultirange, parts{of: r}) }

// Hstore is the type of the extension of that name.
func Hstore() Type { return Type{code: codeHstore} }

// composed is a type of others; where those are not read in binary, neither is it.
func composed(c code, p parts) Type {
	if !p.of.Binary() || p.of.code == codeChar { // whose bytes beyond ASCII servers print in two ways
		return Other()
	}
	return Type{code: c, parts: &p}
}
