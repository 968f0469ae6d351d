package native

import (
	"fmt"
	"strings"
)

// cut takes "Family(a, b)" apart.
func cut(name string) (family string, args []string, err error) {
	family, inner, found := strings.Cut(name, "(")
	if !found {
		return name, nil, nil
	}
	inner, found = strings.CutSuffix(inner, ")")
	if !found {
		return "", nil, fmt.Errorf("type %q has no closing parenthesis: %w", name, ErrUnsupported)
	}
	return family, arguments(inner), nil
}

// arguments splits at the commas that are neither in parentheses nor in quotes.
func arguments(s string) []string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '\'', '`', '"':
			i = endOfQuote(s, i)
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	return append(out, strings.TrimSpace(s[start:]))
}

// endOfQuote gives the place of the quote that closes the one at i, or the last place of s.
func endOfQuote(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return len(s) - 1
}

// withoutName drops the name of a tuple's element, "name Type" or "`a name` Type".
func withoutName(element string) string {
	if element == "" {
		return element
	}
	if element[0] == '`' || element[0] == '"' {
		return strings.TrimSpace(element[endOfQuote(element, 0)+1:])
	}
	if i := strings.IndexAny(element, " ("); i > 0 && element[i] == ' ' {
		return strings.TrimSpace(element[i+1:])
	}
	return element
}
