package migrate

import (
	"fmt"
	"strings"

	"eventsync/pkg/change"
)

// fit says how the values of a source column fit a target's.
type fit uint8

const (
	fits     fit = iota // all of them, or all but those that whoever chose the type has left out on purpose
	tooSmall            // it is of the same kind, and has no room for some
	foreign             // none of them: there is no conversion
)

// integers are the widths of those that have a sign. An unsigned one is a choice that migrate never makes: whoever made
// it knows that the values fit, and one that does not is refused by itself.
var integers = map[string]int{"Int8": 8, "Int16": 16, "Int32": 32, "Int64": 64, "Int128": 128, "Int256": 256}

var unsigned = map[string]bool{"UInt8": true, "UInt16": true, "UInt32": true, "UInt64": true, "UInt128": true, "UInt256": true}

// fitOf compares by what is known before the first value: a FixedString, an Enum, a Date or a DateTime is a choice too.
func fitOf(c *change.Column, t typeName) fit {
	switch c.Type {
	case change.TypeUnknown: // NULL alone
		return fits
	case change.TypeInt16, change.TypeInt32, change.TypeInt64:
		return integerFit(c, t)
	case change.TypeFloat32:
		return among(t, "Float32", "Float64")
	case change.TypeFloat64:
		if t.base == "Float32" {
			return tooSmall
		}
		return among(t, "Float64")
	case change.TypeDecimal:
		return decimalFit(c, t)
	case change.TypeBool:
		return among(t, "Bool", "Int8", "UInt8")
	case change.TypeText:
		return textFit(c, t)
	case change.TypeOther:
		return otherFit(c, t)
	case change.TypeBytes:
		return among(t, "String", "FixedString")
	case change.TypeJSON:
		return among(t, "String", "JSON")
	case change.TypeUUID:
		return among(t, "UUID", "String")
	case change.TypeDate:
		return among(t, "Date", "Date32", "String")
	case change.TypeTime:
		return among(t, "String", "Int64", "UInt64")
	case change.TypeTimestamp, change.TypeTimestampTZ:
		return among(t, "DateTime", "DateTime64", "String")
	default: // a newer producer's
		return foreign
	}
}

func among(t typeName, bases ...string) fit {
	for _, b := range bases {
		if t.base == b {
			return fits
		}
	}
	return foreign
}

// textFit takes what a message without a schema has as text for what the target says that it is: a timestamp, a UUID. A
// column that is text at the source is one that has become so.
func textFit(c *change.Column, t typeName) fit {
	if _, _, ok := t.decimal(); ok && c.SourceType == change.Inferred {
		return fits
	}
	if c.SourceType == change.Inferred && among(t, "UUID", "Date", "Date32", "DateTime", "DateTime64", "Float32", "Float64") == fits {
		return fits
	}
	return among(t, "String", "FixedString", "Enum8", "Enum16", "IPv4", "IPv6")
}

// otherFit is that of the source's own types, which come as it prints them.
func otherFit(c *change.Column, t typeName) fit {
	if strings.HasSuffix(c.SourceType, "[]") && t.base == "Array" || unsigned[t.base] {
		return fits
	}
	return among(t, "String", "FixedString", "Enum8", "Enum16", "IPv4", "IPv6")
}

func integerFit(c *change.Column, t typeName) fit {
	if unsigned[t.base] {
		return fits
	}
	if have, ok := integers[t.base]; ok {
		if have < integers[fitting(c)] {
			return tooSmall
		}
		return fits
	}
	if before, _, ok := t.decimal(); ok {
		if before < integerDigits[c.Type] {
			return tooSmall
		}
		return fits
	}
	return foreign
}

// integerDigits are those of the greatest value.
var integerDigits = map[change.Type]int{change.TypeInt16: 5, change.TypeInt32: 10, change.TypeInt64: 19}

// decimalFit lets a numeric without declared digits into any Decimal: none has room for all of its values.
func decimalFit(c *change.Column, t typeName) fit {
	before, behind, ok := t.decimal()
	if !ok {
		if unsigned[t.base] || integers[t.base] > integers["Int64"] {
			return fits
		}
		return among(t, "String", "Float32", "Float64")
	}
	if p, s, declared := digits(c); declared && (before < p || behind < s) {
		return tooSmall
	}
	return fits
}

// widened is a type that holds both what the column has and what comes, and to which ClickHouse alters what is there
// without a loss; "" where there is none. It also takes the values that the column took before: another partition may
// have messages of the old type yet, for as long as the topic keeps them. So integers never become String.
func widened(c *change.Column, t typeName) string {
	want := fitting(c)
	switch have := t.base; {
	case integers[have] > 0 && integers[want] > integers[have],
		have == "Float32" && want == "Float64",
		have == "UUID" && want == "String":
		return t.with(want)
	}
	return widenedDecimal(c, t)
}

// widenedDecimal is the Decimal that has room for the digits of both.
func widenedDecimal(c *change.Column, t typeName) string {
	p, s, declared := integerDigits[c.Type], 0, true
	if c.Type == change.TypeDecimal {
		p, s, declared = digits(c)
	}
	before, behind, ok := t.decimal()
	if !ok && c.Type == change.TypeDecimal {
		before = signedDigits[t.base]
	}
	if p == 0 && s == 0 || !declared || before == 0 && behind == 0 {
		return ""
	}
	before, behind = max(before, p), max(behind, s)
	if before+behind > maxDecimalDigits {
		return ""
	}
	return t.with(fmt.Sprintf("Decimal(%d, %d)", before+behind, behind))
}

// signedDigits are those of the greatest value of ClickHouse's integers.
var signedDigits = map[string]int{"Int8": 3, "Int16": 5, "Int32": 10, "Int64": 19}
