package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Finding is one thing that a check command looked at.
type Finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	// Problem and Fix may be there although it is OK: then they are advice.
	Problem string `json:"problem,omitempty"`
	Fix     string `json:"fix,omitempty"`
}

// Findings is what a check command prints: a line for each thing it looked at, as soon as it has, or all of them as one
// JSON array at the end.
type Findings struct {
	Out  io.Writer
	JSON bool

	all   []Finding
	found bool
}

// Add reports that what is ok, or else err.
func (f *Findings) Add(what string, err error) {
	finding := Finding{What: what, OK: err == nil}
	if err != nil {
		finding.Problem = err.Error()
	}
	f.Report(finding)
}

// Report prints "ok: <what>", "PROBLEM: <what>: <problem>; to mend it: <fix>", or "ADVICE: ...".
func (f *Findings) Report(finding Finding) {
	f.found = f.found || !finding.OK
	if f.JSON {
		f.all = append(f.all, finding)
		return
	}
	mend := ""
	if finding.Fix != "" {
		mend = "; to mend it: " + finding.Fix
	}
	switch {
	case !finding.OK:
		fmt.Fprintf(f.Out, "PROBLEM: %s: %s%s\n", finding.What, finding.Problem, mend)
	case finding.Problem != "":
		fmt.Fprintf(f.Out, "ADVICE: %s: %s%s\n", finding.What, finding.Problem, mend)
	default:
		fmt.Fprintf(f.Out, "ok: %s\n", finding.What)
	}
}

var errFindings = errors.New("the check found problems")

// Err ends the output, and is an error if there was any problem.
func (f *Findings) Err() error {
	if f.JSON {
		encoder := json.NewEncoder(f.Out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(append([]Finding{}, f.all...)); err != nil {
			return fmt.Errorf("print the findings: %w", err)
		}
	}
	if f.found {
		return errFindings
	}
	return nil
}
