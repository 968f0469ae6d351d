package migrate

import (
	"fmt"
	"io"
	"strings"
)

// Signs of a step.
const (
	Add    = "+"
	Change = "~"
	Gone   = "-"
)

// Plan is what makes a target what it must be.
type Plan struct {
	Target string `json:"target"`
	// Source is the source table; "" for what is not made from one.
	Source string `json:"source,omitempty"`
	Steps  []Step `json:"steps"`
	// Problems are what no statement mends.
	Problems []Problem `json:"problems,omitempty"`
}

// Step is one difference.
type Step struct {
	Sign string `json:"sign"`
	Text string `json:"text"`
	// SQL is what ends the difference; "" for one that stays.
	SQL string `json:"sql,omitempty"`
	// Hint says that inserts are right without it.
	Hint bool `json:"hint,omitempty"`
}

// Problem is something that must be mended by hand, and how.
type Problem struct {
	Problem string `json:"problem"`
	Remedy  string `json:"remedy"`
}

func (p Problem) String() string { return p.Problem + "; " + p.Remedy }

// Statements are what is to be run, in this order.
func (p *Plan) Statements() (sql []string) {
	for _, s := range p.Steps {
		if s.SQL != "" {
			sql = append(sql, s.SQL)
		}
	}
	return sql
}

func (p *Plan) add(sign, text, sql string) {
	p.Steps = append(p.Steps, Step{Sign: sign, Text: text, SQL: sql})
}

func (p *Plan) hint(sign, text, sql string) {
	p.Steps = append(p.Steps, Step{Sign: sign, Text: text, SQL: sql, Hint: true})
}

func (p *Plan) refuse(remedy, format string, args ...any) {
	p.Problems = append(p.Problems, Problem{Problem: fmt.Sprintf(format, args...), Remedy: remedy})
}

// Write prints the plan: each difference with its statement under it.
func (p *Plan) Write(w io.Writer) {
	name := p.Target
	if p.Source != "" {
		name = p.Source + " -> " + p.Target
	}
	if len(p.Steps)+len(p.Problems) == 0 {
		fmt.Fprintf(w, "%s: as it must be\n", name)
		return
	}
	fmt.Fprintf(w, "%s:\n", name)
	for _, s := range p.Steps {
		fmt.Fprintf(w, "  %s %s\n", s.Sign, s.Text)
		if s.SQL != "" {
			fmt.Fprintf(w, "      %s;\n", strings.ReplaceAll(s.SQL, "\n", "\n      "))
		}
	}
	for _, f := range p.Problems {
		fmt.Fprintf(w, "  ! %s\n      %s\n", f.Problem, strings.ReplaceAll(f.Remedy, "\n", "\n      "))
	}
}
