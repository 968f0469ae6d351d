package program

import (
	"errors"
	"fmt"
	"io"
)

// Findings is what a check command prints: a line for each thing it looked at.
type Findings struct {
	Out   io.Writer
	found bool
}

// Add prints "ok: <what>", or "PROBLEM: <what>: <err>".
func (f *Findings) Add(what string, err error) {
	if err == nil {
		fmt.Fprintf(f.Out, "ok: %s\n", what)
		return
	}
	f.found = true
	fmt.Fprintf(f.Out, "PROBLEM: %s: %v\n", what, err)
}

var errFindings = errors.New("the check found problems")

// Err is an error if there was any problem.
func (f *Findings) Err() error {
	if f.found {
		return errFindings
	}
	return nil
}
