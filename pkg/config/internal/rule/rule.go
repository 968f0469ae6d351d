package rule

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rule is what the tags of one field say of its value.
type Rule struct {
	// Required keys must be in the file, and not empty.
	Required bool
	// OneOf are the words that the value must be one of; any when empty.
	OneOf []string
	// Form is the shape of a text, or of each text of a list; any when nil.
	Form *Form
	// Min and Max bound a number, a size (bytes) or a duration (nanoseconds), both included; Bounded says that they do.
	Bounded  bool
	Min, Max int64
	// MinText and MaxText are the bounds as the tag writes them.
	MinText, MaxText string
}

// Of reads the tags of a field: required:"true", oneof:"none lz4 zstd", form:"address", range:"1..255".
func Of(field reflect.StructField) (Rule, error) {
	rule := Rule{
		Required: field.Tag.Get("required") == "true",
		OneOf:    strings.Fields(field.Tag.Get("oneof")),
	}
	if name, ok := field.Tag.Lookup("form"); ok {
		form, known := FormNamed(name)
		if !known {
			return Rule{}, fmt.Errorf("field %s: unknown form %q", field.Name, name)
		}
		rule.Form = form
	}
	if bounds, ok := field.Tag.Lookup("range"); ok {
		if err := rule.bound(bounds); err != nil {
			return Rule{}, fmt.Errorf("field %s: %w", field.Name, err)
		}
	}
	return rule, nil
}

func (r *Rule) bound(bounds string) error {
	low, high, ok := strings.Cut(bounds, "..")
	if !ok {
		return fmt.Errorf("range %q is not low..high", bounds)
	}
	var err error
	if r.Min, err = quantity(low); err != nil {
		return err
	}
	if r.Max, err = quantity(high); err != nil {
		return err
	}
	r.MinText, r.MaxText, r.Bounded = low, high, true
	return nil
}

// Holds says whether n is within the bounds.
func (r *Rule) Holds(n int64) bool { return !r.Bounded || r.Min <= n && n <= r.Max }

// Allows says whether text is one of the words and has the form.
func (r *Rule) Allows(text string) bool {
	switch {
	case len(r.OneOf) > 0:
		return slices.Contains(r.OneOf, text)
	case r.Form != nil:
		return r.Form.Matches(text)
	}
	return true
}

// quantity reads a bound: a number, a duration or a size.
func quantity(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if d, err := time.ParseDuration(text); err == nil {
		return int64(d), nil
	}
	return ParseSize(text)
}

// ParseSize reads a number of bytes: a whole number and, where it has one, a unit.
func ParseSize(text string) (int64, error) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("size %q: %w", text, err)
	}
	unit, known := unitBytes(strings.TrimPrefix(text[digits:], " "))
	if !known {
		return 0, fmt.Errorf("size %q: unknown unit", text)
	}
	if n > math.MaxInt64/unit {
		return 0, fmt.Errorf("size %q: more than 64 bits hold", text)
	}
	return n * unit, nil
}

func unitBytes(unit string) (int64, bool) {
	switch unit {
	case "", "B":
		return 1, true
	case "KB":
		return 1e3, true
	case "MB":
		return 1e6, true
	case "GB":
		return 1e9, true
	case "KiB":
		return 1 << 10, true
	case "MiB":
		return 1 << 20, true
	case "GiB":
		return 1 << 30, true
	}
	return 0, false
}
