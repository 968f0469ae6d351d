package change

import "math"

// Kind says what a Value holds.
type Kind uint8

// The kinds, with the field numbers of the wire format's Value.
const (
	Null        Kind = 1
	Unavailable Kind = 2 // not sent by the source, and not to be had
	Bool        Kind = 3
	Integer     Kind = 4
	Float       Kind = 5
	Text        Kind = 6
	Bytes       Kind = 7
)

// Value is one column's value. How to read it stands in the column's Type.
type Value struct {
	Kind Kind
	bits uint64
	// Bytes holds the contents of Text and Bytes values; it aliases the memory that the Change was read from.
	Bytes []byte
}

// NullValue is NULL.
func NullValue() Value { return Value{Kind: Null} }

// UnavailableValue is a value that the source did not send.
func UnavailableValue() Value { return Value{Kind: Unavailable} }

// BoolValue holds a boolean.
func BoolValue(b bool) Value {
	if b {
		return Value{Kind: Bool, bits: 1}
	}
	return Value{Kind: Bool}
}

// IntegerValue holds an integer, a date, a time or a timestamp.
func IntegerValue(i int64) Value { return Value{Kind: Integer, bits: uint64(i)} } //nolint:gosec // G115: the bits are kept, not the number

// FloatValue holds a floating-point number.
func FloatValue(f float64) Value { return Value{Kind: Float, bits: math.Float64bits(f)} }

// TextValue holds text, which it aliases.
func TextValue(b []byte) Value { return Value{Kind: Text, Bytes: b} }

// BytesValue holds bytes, which it aliases.
func BytesValue(b []byte) Value { return Value{Kind: Bytes, Bytes: b} }

// Bool is the contents of a Bool value.
func (v *Value) Bool() bool { return v.bits != 0 }

// Integer is the contents of an Integer value.
func (v *Value) Integer() int64 { return int64(v.bits) } //nolint:gosec // G115: the bits are kept, not the number

// Float is the contents of a Float value.
func (v *Value) Float() float64 { return math.Float64frombits(v.bits) }

// PositiveInfinity and NegativeInfinity stand for the infinities of dates and timestamps.
const (
	PositiveInfinity int64 = math.MaxInt64
	NegativeInfinity int64 = math.MinInt64
)
