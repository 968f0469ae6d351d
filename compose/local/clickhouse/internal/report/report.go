// Package report is what a gateway process tells its parent when it is ready, or has failed to become so: one line of
// JSON on its standard output.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Report is that line.
type Report struct {
	Addr    string `json:"addr,omitempty"`    // where it listens
	Version string `json:"version,omitempty"` // of the engine
	Error   string `json:"error,omitempty"`   // why it does not, with the remedy
}

// Write writes r as a line.
func Write(w io.Writer, r Report) error {
	if err := json.NewEncoder(w).Encode(r); err != nil {
		return fmt.Errorf("tell the parent process: %w", err)
	}
	return nil
}

// Read waits for the line. A failure that was reported is an error; io.EOF is a process that ended without a word.
func Read(r io.Reader) (Report, error) {
	var got Report
	if err := json.NewDecoder(r).Decode(&got); err != nil {
		return got, err
	}
	if got.Error != "" {
		return got, errors.New(got.Error)
	}
	return got, nil
}
