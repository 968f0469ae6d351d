package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a configuration. What Load and the checks return are problems, joined.
type Problem struct {
	// File, Line and Column say where; Line is 0 when the configuration did not come from a file.
	File         string
	Line, Column int
	// Key is the path of the key: "tables[1].lookups[0].sql". It is empty for what concerns the whole file.
	Key string
	// What is wrong, and what was Expected instead. Neither ever holds the value of a Secret.
	What, Expected string
}

func (p *Problem) Error() string {
	var text strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&text, "%s:%d:%d: ", p.File, p.Line, p.Column)
	}
	if p.Key != "" {
		text.WriteString(p.Key + ": ")
	}
	return text.String() + p.What + "; expected " + p.Expected
}

// joined is all problems as one error, in the file's order.
func joined(problems []*Problem) error {
	slices.SortStableFunc(problems, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	all := make([]error, len(problems))
	for i, problem := range problems {
		all[i] = problem
	}
	return errors.Join(all...)
}
