package config

import (
	"fmt"
	"strconv"
)

// Secret is a value that must not be printed: every way of formatting or encoding it gives "***". Keep it in
// exported fields: fmt does not ask the values of unexported ones how they want to be printed.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// Format hides the value from every verb, %d and other mistakes included.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(s.String())) }

// MarshalText hides the value from JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal is the value itself, for the client library that needs it.
func (s Secret) Reveal() string { return string(s) }

// Size is a number of bytes, written as "64MiB", "1GB" or a plain number.
type Size int64

// String is the size in the largest binary unit that divides it.
func (s Size) String() string {
	n, unit := int64(s), 0
	units := []string{"B", "KiB", "MiB", "GiB"}
	for n != 0 && n%1024 == 0 && unit < len(units)-1 {
		n /= 1024
		unit++
	}
	return strconv.FormatInt(n, 10) + units[unit]
}
