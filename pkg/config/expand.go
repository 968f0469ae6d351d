package config

import (
	"regexp"
	"strings"
)

// reference is an environment variable in a value: ${NAME} or ${NAME:-default}.
var reference = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^{}]*))?\}`)

// expansionError says why a reference has no value; it never holds the value of another.
type expansionError struct{ what, expected string }

// expand replaces the references in text; $$ is a literal $, and a $ before anything else stands for itself, so that
// SQL keeps its parameters. As in a shell, the default is taken when the variable is unset or empty. It says whether
// there were references at all.
func expand(text string, environment func(string) (string, bool)) (string, bool, *expansionError) {
	var out strings.Builder
	expanded := false
	for {
		before, after, found := strings.Cut(text, "$")
		out.WriteString(before)
		switch {
		case !found:
			return out.String(), expanded, nil
		case strings.HasPrefix(after, "$"):
			out.WriteByte('$')
			text = after[1:]
		case strings.HasPrefix(after, "{"):
			match := reference.FindStringSubmatch("$" + after)
			if match == nil {
				return "", false, &expansionError{"a ${ begins no reference to an environment variable", "${NAME} or ${NAME:-default}, or $$ for a $"}
			}
			value, set := environment(match[1])
			switch {
			case match[2] != "" && value == "":
				value = match[3]
			case !set:
				return "", false, &expansionError{
					"the environment variable " + match[1] + " is not set",
					"it in the environment, or a default as in ${" + match[1] + ":-default}",
				}
			}
			out.WriteString(value)
			expanded = true
			text = after[len(match[0])-1:]
		default:
			out.WriteByte('$')
			text = after
		}
	}
}
