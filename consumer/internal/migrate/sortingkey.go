package migrate

import (
	"regexp"
	"slices"
	"strings"
)

// tokens are what a sorting key is made of: quoted names, texts, names, and each other sign alone.
var tokens = regexp.MustCompile("`(?:[^`\\\\]|\\\\.)*`|'(?:[^'\\\\]|\\\\.)*'|[A-Za-z_][A-Za-z0-9_]*|[^ ]")

// elements are those of a sorting key, each by its tokens: "a, f(b, c)" has two.
func elements(key string) (all [][]string) {
	found := tokens.FindAllString(key, -1)
	if n := len(found); n > 2 && found[0] == "(" && slices.Index(found, ")") == n-1 {
		found = found[1 : n-1] // a tuple of one
	}
	depth, from := 0, 0
	for i, t := range found {
		switch {
		case t == "(":
			depth++
		case t == ")":
			depth--
		case t == "," && depth == 0:
			all = append(all, found[from:i])
			from = i + 1
		}
	}
	return append(all, found[from:])
}

// sortingColumns are the elements of the sorting key that are plain columns.
func sortingColumns(t *Table) (columns []string) {
	for _, e := range elements(t.SortingKey) {
		if len(e) == 1 && t.column(unquoted(e[0])) != nil {
			columns = append(columns, unquoted(e[0]))
		}
	}
	return columns
}

// sortingInputs are the columns that the sorting key is made of.
func sortingInputs(t *Table) (columns []string) {
	for _, e := range elements(t.SortingKey) {
		for _, token := range e {
			if name := unquoted(token); t.column(name) != nil && !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	return columns
}

func sortedBy(t *Table, column string) bool { return slices.Contains(sortingInputs(t), column) }

var nameEscapes = strings.NewReplacer("\\\\", "\\", "\\`", "`", "\\'", "'")

// unquoted is a name as system.columns has it.
func unquoted(token string) string {
	if len(token) > 1 && token[0] == '`' {
		return nameEscapes.Replace(token[1 : len(token)-1])
	}
	return token
}
